/* A question before something ends. Resolves to whether it was confirmed. */

import { h } from './dom.js';
import { t } from './words.js';

export function confirmFinish() {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const yes = h('button', { type: 'button', class: 'plain', onclick: () => box.close('yes') }, t('finish_yes'));
    const no = h('button', { type: 'button', class: 'primary', autofocus: true, onclick: () => box.close('no') }, t('finish_no'));
    const box = h('dialog', { class: 'ask-finish', 'aria-labelledby': 'finish-title' },
      h('h2', { id: 'finish-title' }, t('finish_title')), h('p', {}, t('finish_text')), h('div', { class: 'row' }, no, yes));
    box.addEventListener('close', () => {
      box.remove();
      before?.focus?.();
      resolve(box.returnValue === 'yes');
    });
    document.body.append(box);
    box.showModal();
  });
}
