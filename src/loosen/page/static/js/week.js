/* The week as seven marks: a check in a disc for a day with a session, a ring for one without, today underlined. */

import { h } from './dom.js';
import { icon } from './icons.js';
import { many, t, weekday } from './words.js';

export function weekMarks(week) {
  const today = (new Date().getDay() + 6) % 7;
  const days = week.slice(0, 7).map((done, i) => {
    const words = t(done ? 'day_done' : i === today ? 'day_today' : i < today ? 'day_off' : 'day_ahead', { day: weekday(i) });
    return h('li', { class: `day${done ? ' done' : ''}${i === today ? ' today' : ''}` },
      h('span', { class: 'unseen' }, words),
      h('span', { class: 'dot', 'aria-hidden': 'true' }, done ? icon('check') : ''),
      h('span', { class: 'letter', 'aria-hidden': 'true' }, weekday(i, 'weekday-letters')));
  });
  const n = week.filter(Boolean).length;
  return h('section', { class: 'week', 'aria-label': t('week') },
    h('ol', {}, days), h('p', {}, n ? many('week_days', n) : t('week_none')));
}
