/* The screen that says that the server has stopped, and what to do. */

import { h } from '../dom.js';
import { t } from '../words.js';

export function mount(root, app) {
  root.append(h('div', { class: 'page question' },
    h('h1', { tabindex: '-1' }, t('gone_title')),
    app.saves() ? h('p', { class: 'lead' }, t('gone_text')) : '',
    h('p', { class: 'lead' }, h('span', {}, t('gone_do')), ' ', h('code', {}, 'loosen'))));
  return { update() {}, press: () => false };
}
