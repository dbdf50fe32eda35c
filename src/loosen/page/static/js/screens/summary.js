/* The summary of a session: what was done, how it went, the week. */

import { h } from '../dom.js';
import { icon } from '../icons.js';
import { repChart } from '../charts.js';
import { t } from '../words.js';
import { weekMarks } from './home.js';

function state(item) {
  if (item.hurt) return ['hurts', t('was_hurt')];
  if (item.skipped) return ['skip', t('was_skipped')];
  return item.done >= item.of ? ['check', t('done_of', item)] : ['pause', t('done_of', item)];
}

function card(item) {
  const [picture, words] = state(item);
  const facts = [item.range_text, item.stop_text].filter(Boolean);
  return h('article', { class: 'card result' },
    h('header', {}, h('h2', {}, item.title), h('p', { class: 'state' }, icon(picture), h('span', {}, words))),
    h('div', { class: 'seen-so' },
      h('div', { class: 'facts' },
        facts.length ? h('ul', { class: 'measures' }, facts.map((text) => h('li', {}, text))) : null,
        item.sentence ? h('p', { class: 'sentence' }, item.sentence) : null),
      item.chart ? repChart(item.chart) : null));
}

export function mount(root, app) {
  const { stage } = app, week = h('div', { class: 'later' });
  const done = h('button', { type: 'button', class: 'primary', onclick: () => app.leave() }, t('done'), h('kbd', { 'aria-hidden': 'true' }, t('key_enter')));
  root.append(h('div', { class: 'page summary' },
    h('header', { class: 'head' }, h('div', {}, h('h1', { tabindex: '-1' }, stage.title || t('summary_title')), stage.lines.map((line) => h('p', { class: 'lead' }, line)),
      stage.note ? h('p', { class: 'notice' }, icon('note'), h('span', {}, stage.note)) : stage.kept ? null : h('p', { class: 'notice' }, icon('note'), h('span', {}, t('not_kept')))), week),
    h('div', { class: 'results' }, stage.summary.map(card)),
    h('div', { class: 'row sticky' }, done, stage.summary.some((item) => item.range_text) ? h('p', { class: 'hint' }, t('estimate')) : null)));
  app.refresh().then((facts) => facts.week && !app.demo && week.replaceChildren(weekMarks(facts))).catch(() => {});
  return { update() {}, press: (name) => (name === 'continue' || name === 'finish') && (app.leave(), true) };
}
