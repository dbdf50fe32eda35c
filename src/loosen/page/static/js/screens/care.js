/* The safety note, shown once before the first session. */

import { h } from '../dom.js';
import { t } from '../words.js';

export function mount(root, app) {
  const { stage } = app;
  root.append(h('div', { class: 'page care' },
    h('h1', { tabindex: '-1' }, stage.title || t('care_title')),
    stage.lines.map((line) => h('p', { class: 'lead' }, line)),
    h('div', { class: stage.care.length % 2 ? 'cards' : 'cards pairs' }, stage.care.map(([heading, lines]) => h('section', { class: 'card' },
      h('h2', {}, heading), lines.length === 1 ? h('p', {}, lines[0]) : h('ul', {}, lines.map((line) => h('li', {}, line)))))),
    h('div', { class: 'row sticky' }, h('button', { type: 'button', class: 'primary', onclick: () => app.command('read') }, t('read'), h('kbd', { 'aria-hidden': 'true' }, t('key_enter'))))));
  return { update() {}, press: (name) => name === 'continue' && app.command('read') };
}
