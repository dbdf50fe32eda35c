/* The server has stopped: said plainly, with what to do. */

import { h } from '../dom.js';
import { t } from '../words.js';

export function mount(root) {
  root.append(h('div', { class: 'page question' },
    h('h1', { tabindex: '-1' }, t('gone_title')),
    h('p', { class: 'lead' }, t('gone_text')),
    h('p', { class: 'lead' }, h('span', {}, t('gone_do')), ' ', h('code', {}, 'loosen')),
    h('p', { class: 'hint', role: 'status' }, t('gone_trying'))));
  return { update() {}, press: () => false };
}
