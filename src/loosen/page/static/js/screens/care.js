/* The safety note, shown before the first session and when it is due again. */

import { h } from '../dom.js';
import { icon } from '../icons.js';
import { t } from '../words.js';

/* Groups of lines with their headings: [[heading, [line, ...]], ...]. */
export function careCards(groups) {
  return h('div', { class: groups.length % 2 ? 'cards' : 'cards pairs' }, groups.map(([heading, lines]) => h('section', { class: 'card' },
    h('h2', {}, heading), lines.length === 1 ? h('p', {}, lines[0]) : h('ul', {}, lines.map((line) => h('li', {}, line))))));
}

/* The note in a dialog, to be read again at any time. Resolves when it is closed. */
export function careDialog(groups, always) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const close = h('button', { type: 'button', class: 'primary', onclick: () => box.close() }, t('close'), h('kbd', { 'aria-hidden': 'true' }, t('key_escape')));
    const box = h('dialog', { class: 'note', 'aria-labelledby': 'note-title' },
      h('h2', { id: 'note-title', tabindex: '-1', autofocus: true }, icon('safety'), t('safety')),
      h('div', { class: 'care reading', tabindex: '0', role: 'region', 'aria-label': t('safety') }, careCards(groups), h('p', { class: 'hint' }, always)), h('div', { class: 'row' }, close));
    box.addEventListener('close', () => {
      box.remove();
      before?.focus?.();
      resolve();
    });
    document.body.append(box);
    box.showModal();
  });
}

export function mount(root, app) {
  const { stage } = app;
  root.append(h('div', { class: 'page care' },
    h('h1', { tabindex: '-1' }, stage.title || t('care_title')),
    stage.lines.map((line) => h('p', { class: 'lead' }, line)),
    careCards(stage.care),
    h('div', { class: 'row sticky' }, h('button', { type: 'button', class: 'primary', onclick: () => app.command('read') }, t('read'), h('kbd', { 'aria-hidden': 'true' }, t('key_enter'))))));
  return { update() {}, press: (name) => name === 'continue' && app.command('read') };
}
