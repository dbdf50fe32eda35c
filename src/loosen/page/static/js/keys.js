/* The keyboard: names for keys, the same on every screen. The listener decides what a name does now. */

import { memory } from './dom.js';

const KEYS = { ' ': 'pause', ArrowRight: 'skip', ArrowLeft: 'back', ArrowUp: 'up', ArrowDown: 'down', h: 'hurts', Escape: 'finish', Enter: 'continue', m: 'mute' };

/* Whether letters and numbers are keys. They can be turned off, because dictation types them unasked. */
export const letters = {
  get on() { return memory.get('letters') !== 'off'; },
  set(value) { memory.set('letters', value); },
};

/* `does(name, event)` returns whether the key meant something. Digits come as "digit" with event.key. */
export function listen(does) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector('dialog[open]')) return;
    if (event.key.length === 1 && event.key !== ' ' && !letters.on) return;
    const on = event.target, field = on.closest?.('input, select, textarea');
    const pressable = on.closest?.('button, a, summary, input');
    // A focused button keeps its own space and enter; radio buttons keep their arrows.
    // (Enter means nothing to a radio button: it does what it does elsewhere.)
    if (pressable && (event.key === ' ' || (event.key === 'Enter' && on.type !== 'radio'))) return;
    if (field && event.key.startsWith('Arrow')) return;
    const name = /^[0-9]$/.test(event.key) ? 'digit' : KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (name && does(name, event)) event.preventDefault();
  });
  // A click with the mouse leaves no focus behind that would swallow the next space.
  document.addEventListener('click', (event) => {
    if (event.detail > 0) event.target.closest?.('button')?.blur();
  });
}
