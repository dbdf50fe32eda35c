/* A question before something ends, in a dialog. Resolves to whether it was confirmed. */

import { h } from './dom.js';

export function confirm({ title, text, yes, no }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const button = (kind, words, answer, first) => h('button', { type: 'button', class: kind, autofocus: first, onclick: () => box.close(answer) }, words);
    const box = h('dialog', { 'aria-labelledby': 'asked-title' },
      h('h2', { id: 'asked-title' }, title), h('p', {}, text), h('div', { class: 'row' }, button('plain', yes, 'yes', false), button('primary', no, 'no', true)));
    box.addEventListener('close', () => {
      box.remove();
      before?.focus?.();
      resolve(box.returnValue === 'yes');
    });
    document.body.append(box);
    box.showModal();
  });
}
