/* The safety note, shown before the first session and when it is due again. */

import { h } from '../dom.js';
import { t } from '../words.js';

/* Groups of lines with their headings: [[heading, [line, ...]], ...]. */
export function careCards(groups) {
  return h('div', { class: groups.length % 2 ? 'cards' : 'cards pairs' }, groups.map(([heading, lines]) => h('section', { class: 'card' },
    h('h2', {}, heading), lines.length === 1 ? h('p', {}, lines[0]) : h('ul', {}, lines.map((line) => h('li', {}, line))))));
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
