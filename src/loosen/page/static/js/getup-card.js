/* The get-up card: since when the person sits, today on a line of hours, and the buttons. The server says what it shows. */

import { h, svg } from './dom.js';
import { icon } from './icons.js';
import { t } from './words.js';

const EVERY_MS = 15000;
const [WIDTH, HEIGHT, BASE, THICK] = [480, 46, 26, 14];

/* Today's sits as bars on a line of hours, with a ring at each prompt: filled if the person got up, dotted if he said so. */
function timeline(card) {
  const { now_h: now, sits } = card;
  const first = Math.floor(Math.min(now - 1, ...sits.map((sit) => sit.from_h)));
  const last = Math.max(first + 4, Math.ceil(now + 0.5));
  const x = (hour) => 6 + ((hour - first) / (last - first)) * (WIDTH - 12);
  const picture = svg('svg', { class: 'timeline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': card.today });
  picture.append(svg('line', { class: 'floor', x1: 6, x2: WIDTH - 6, y1: BASE, y2: BASE }));
  const step = Math.ceil((last - first) / 8);
  for (let hour = first; hour <= last; hour += step) {
    const label = svg('text', { x: x(hour), y: HEIGHT - 2, 'text-anchor': hour === first ? 'start' : hour + step > last ? 'end' : 'middle' });
    label.textContent = `${hour % 24}`;
    picture.append(svg('line', { class: 'tick', x1: x(hour), x2: x(hour), y1: BASE, y2: BASE + 5 }), label);
  }
  for (const sit of sits) {
    const from = x(sit.from_h), to = Math.max(x(sit.to_h), from + 2);
    picture.append(svg('rect', { class: sit.now ? 'sit now' : 'sit', x: from, y: BASE - THICK, width: to - from, height: THICK, rx: 2 }));
    for (const prompt of sit.prompts) {
      const cx = x(prompt.at_h);
      picture.append(svg('circle', { class: prompt.up ? 'asked up' : 'asked', cx, cy: 6, r: 4.2 }));
      if (prompt.said) picture.append(svg('circle', { class: 'said', cx, cy: 6, r: 1.7 }));
    }
  }
  return picture;
}

/* `withCamera()`: whether a session that a button begins uses the camera. */
export function getUpCard(app, withCamera) {
  const element = h('section', { class: 'sitting', 'aria-label': t('sitting'), hidden: true });
  let shown = '';

  function button({ text, primary, do: what, minutes, exercise }) {
    const press = () => (what === 'show' ? app.start(withCamera(), exercise) : app.sitting({ do: what, ...(minutes && { minutes }) }));
    return h('button', { type: 'button', class: primary ? 'primary' : 'plain', onclick: press }, text);
  }

  function draw(card) {
    // Drawn anew only when it says something new, so that a focused button keeps its focus.
    const key = JSON.stringify([card.title, card.text, card.asks, card.today, card.buttons, card.sits.length]);
    if (key === shown) return;
    const held = element.contains(document.activeElement) ? document.activeElement.textContent : '';
    shown = key;
    element.hidden = false;
    element.classList.toggle('asked', card.asks);
    element.replaceChildren(
      h('h2', {}, icon(card.asks ? 'up' : 'chair'), h('span', {}, card.title)),
      h('p', { role: card.asks ? 'alert' : false }, card.text, card.command ? h('br') : null, card.command ? h('code', {}, card.command) : null),
      card.sits.length ? timeline(card) : '',
      card.today ? h('p', {}, card.today) : '',
      h('div', { class: 'row' }, card.buttons.map(button)));
    if (held) [...element.querySelectorAll('button')].find((one) => one.textContent === held)?.focus();
  }

  async function refresh() {
    if (document.hidden) return;
    try {
      const answer = await fetch('/sitting.json');
      const card = await answer.json();
      if (card) draw(card);
    } catch { /* the connection is lost: the page says so by itself */ }
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
