/* The card about sitting: since when, today as a line, when I shall ask, and what can be said to that. */

import { h, svg } from './dom.js';
import { icon } from './icons.js';
import { many, t, weekday } from './words.js';

const EVERY_MS = 15000;
const [WIDTH, HEIGHT, BASE, THICK] = [480, 46, 26, 14];
const UP = new Set(['confirmed', 'away']);

/* The time of day, with its weekday where that is not the one of `now`. */
function clock(text, now = text) {
  const at = new Date(text), time = `${at.getHours()}`.padStart(2, '0') + ':' + `${at.getMinutes()}`.padStart(2, '0');
  return at.toDateString() === new Date(now).toDateString() ? time : `${weekday((at.getDay() + 6) % 7)} ${time}`;
}

const hours = (text) => { const at = new Date(text); return at.getHours() + at.getMinutes() / 60 + at.getSeconds() / 3600; };
const minutes = (seconds) => Math.floor(seconds / 60);

/* Today's sits as bars on a line of hours, with a ring where I asked: filled where the person got up, dotted where he said so. */
function timeline(facts, words) {
  const now = hours(facts.now);
  const first = Math.floor(Math.min(now - 1, ...facts.sits.map((sit) => hours(sit.started))));
  const last = Math.max(first + 4, Math.ceil(now + 0.5));
  const x = (hour) => 6 + ((hour - first) / (last - first)) * (WIDTH - 12);
  const picture = svg('svg', { class: 'timeline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': words });
  picture.append(svg('line', { class: 'floor', x1: 6, x2: WIDTH - 6, y1: BASE, y2: BASE }));
  const step = Math.ceil((last - first) / 8);
  for (let hour = first; hour <= last; hour += step) {
    const label = svg('text', { x: x(hour), y: HEIGHT - 2, 'text-anchor': hour === first ? 'start' : hour + step > last ? 'end' : 'middle' });
    label.textContent = `${hour % 24}`;
    picture.append(svg('line', { class: 'tick', x1: x(hour), x2: x(hour), y1: BASE, y2: BASE + 5 }), label);
  }
  for (const sit of facts.sits) {
    const from = x(hours(sit.started));
    const to = Math.max(x(sit.ending ? hours(sit.ended) : now), from + 2);
    picture.append(svg('rect', { class: sit.ending ? 'sit' : 'sit now', x: from, y: BASE - THICK, width: to - from, height: THICK, rx: 2 }));
    for (const asked of sit.prompts) {
      const cx = x(hours(asked.at));
      picture.append(svg('circle', { class: UP.has(asked.outcome) ? 'asked up' : 'asked', cx, cy: 6, r: 4.2 }));
      if (asked.outcome === 'said') picture.append(svg('circle', { class: 'said', cx, cy: 6, r: 1.7 }));
    }
  }
  return picture;
}

function dayWords({ sits, days }) {
  if (!sits.length) return t('sitting_today_none');
  const day = days[0], asked = sits.flatMap((sit) => sit.prompts).filter((prompt) => prompt.outcome);
  const text = [t(sits.length === 1 ? 'sitting_today_one' : 'sitting_today_many', { n: sits.length, longest: day.longest_minutes })];
  const said = asked.filter((one) => one.outcome === 'said').length;
  if (asked.length) text.push(t('sitting_today_asked', { up: asked.filter((one) => UP.has(one.outcome)).length, of: asked.length }));
  if (said) text.push(many('sitting_today_said', said));
  return text.join(' ');
}

/* Title, sentence, whether I am asking now. */
function state(service) {
  if (!service) return [t('sitting_off'), t('sitting_off_text'), false];
  const prompt = service.prompt;
  if (service.paused_until) return [t('sitting_paused', { at: clock(service.paused_until, service.now) }), t('sitting_paused_text'), false];
  const [after, latest] = service.minutes;
  if (!service.sitting) return [t('sitting_nobody'), t('sitting_next_any', { after, latest }), false];
  const sat = { at: clock(service.since), minutes: minutes(service.sat_s) };
  const title = t('sitting_since', sat);
  if (prompt?.snoozed_until) return [title, t('sitting_put_off', { at: clock(prompt.snoozed_until) }), false];
  if (prompt?.answer) return [title, t('sitting_answered'), false];
  if (prompt) return [t('sitting_asked'), t('sitting_asked_text', { ...sat, title: prompt.title }), true];
  if (service.waits_for.length) return [title, t(`sitting_wait_${service.waits_for[0]}`), false];
  if (service.blind) return [t('sitting_blind'), t(service.window ? 'sitting_blind_next' : 'sitting_blind_asked', { ...sat, latest: clock(service.window?.[1] ?? service.since) }), false];
  if (!service.window) return [title, t('sitting_asked_before'), false];
  return [title, t('sitting_next', { after: clock(service.window[0]), latest: clock(service.window[1]) }), false];
}

export function sittingCard(app, withCamera) {
  const element = h('section', { class: 'sitting', 'aria-label': t('sitting'), hidden: true });
  const button = (kind, words, act) => h('button', { type: 'button', class: kind, onclick: act }, t(words));
  let shown = '';

  function buttons(service, asking) {
    if (!service) return [];
    if (service.paused_until) return [button('plain', 'sitting_resume', () => app.sitting({ do: 'resume' }))];
    const pause = button('plain', 'sitting_pause', () => app.sitting({ do: 'pause', minutes: 60 }));
    if (!asking) return [pause];
    const { prompt } = service;
    return [
      button('primary', 'sitting_up', () => app.sitting({ do: 'up' })),
      prompt.can_snooze ? button('plain', 'sitting_snooze', () => app.sitting({ do: 'snooze' })) : null,
      prompt.exercise ? button('plain', 'sitting_show', () => app.start(withCamera(), prompt.exercise)) : null,
      pause,
    ].filter(Boolean);
  }

  function draw(facts) {
    const { service } = facts, [title, text, asking] = state(service), words = dayWords(facts);
    // Drawn anew only when it says something new: whoever stands on a button keeps it.
    const key = JSON.stringify([title, text, asking, words, service?.prompt?.can_snooze, facts.sits.length]);
    if (key === shown) return;
    const held = element.contains(document.activeElement) ? document.activeElement.textContent : '';
    shown = key;
    element.hidden = false;
    element.classList.toggle('asked', asking);
    element.replaceChildren(
      h('h2', {}, icon(asking ? 'up' : 'chair'), h('span', {}, title)),
      h('p', { role: asking ? 'alert' : false }, text, service ? null : h('br'), service ? null : h('code', {}, 'loosen getup install')),
      facts.sits.length ? timeline(facts, words) : '',
      service || facts.sits.length ? h('p', {}, words) : '',
      h('div', { class: 'row' }, buttons(service, asking)));
    if (held) [...element.querySelectorAll('button')].find((one) => one.textContent === held)?.focus();
  }

  async function refresh() {
    if (document.hidden) return;
    try {
      const answer = await fetch('/sitting.json');
      const facts = await answer.json();
      if (facts) draw(facts);
    } catch { /* the line broke: the page says so by itself */ }
  }

  const timer = setInterval(refresh, EVERY_MS);
  document.addEventListener('visibilitychange', refresh);
  refresh();
  return {
    element,
    refresh,
    close() {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    },
  };
}
