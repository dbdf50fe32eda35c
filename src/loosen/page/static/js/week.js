/* The week as seven marks: a check in a disc for a day with a session, a ring for one without, today underlined. */

import { h } from './dom.js';
import { icon } from './icons.js';
import { lang, many, t } from './words.js';

export function weekMarks(week) {
  const long = new Intl.DateTimeFormat(lang(), { weekday: 'long', timeZone: 'UTC' });
  const short = new Intl.DateTimeFormat(lang(), { weekday: 'narrow', timeZone: 'UTC' });
  const today = (new Date().getDay() + 6) % 7;
  const days = week.slice(0, 7).map((done, i) => {
    const date = new Date(Date.UTC(2024, 0, 1 + i)); // 1 January 2024 was a Monday
    const words = t(done ? 'day_done' : i === today ? 'day_today' : i < today ? 'day_off' : 'day_ahead', { day: long.format(date) });
    return h('li', { class: `day${done ? ' done' : ''}${i === today ? ' today' : ''}` },
      h('span', { class: 'unseen' }, words),
      h('span', { class: 'dot', 'aria-hidden': 'true' }, done ? icon('check') : ''),
      h('span', { class: 'letter', 'aria-hidden': 'true' }, short.format(date)));
  });
  const n = week.filter(Boolean).length;
  return h('section', { class: 'week', 'aria-label': t('week') },
    h('ol', {}, days), h('p', {}, n ? many('week_days', n) : t('week_none')));
}
