/* A past session: each repetition with its signal and the reasons of its verdict. */

import { h } from '../dom.js';
import { icon } from '../icons.js';
import { repChart } from '../charts.js';
import { t } from '../words.js';

export function mount(root, app) {
  const title = h('h1', { tabindex: '-1' }, t('session')), body = h('div', { class: 'looking' });
  const back = h('button', { type: 'button', class: 'plain slim', onclick: () => app.showHistory() }, t('history'));
  root.append(h('div', { class: 'page history' }, h('header', { class: 'head' }, h('div', {}, title), back), body));
  fetch(`/history/session/${app.looking}.json`).then((answer) => answer.json()).catch(() => ({ error: t('no_history') })).then((told) => {
    if (told.error) {
      body.replaceChildren(h('p', { class: 'notice', role: 'status' }, icon('note'), h('span', {}, told.error)));
      return;
    }
    title.textContent = told.title;
    body.replaceChildren(
      h('p', { class: 'lead' }, [told.notes, ...told.felt].join('. ')),
      ...told.exercises.map((part) => exercise(part)),
      told.exercises.some((part) => part.reps.some((rep) => rep.facts)) ? h('p', { class: 'hint' }, t('estimate')) : '');
  });
  return { update() {}, press: (name) => name === 'finish' && (app.showHistory(), true) };
}

function exercise(part) {
  const picture = h('div', { class: 'signal' });
  const rows = part.reps.map((rep) => h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => choose(rep) },
    h('span', { class: 'number' }, String(rep.number)),
    h('span', { class: 'name' }, h('span', { class: 'verdict' }, icon(rep.good ? 'check' : 'note'), [rep.verdict, rep.side].filter(Boolean).join(', ')), h('small', {}, rep.facts))));
  const choose = (rep) => {
    part.reps.forEach((it, k) => rows[k].setAttribute('aria-pressed', String(it === rep)));
    picture.replaceChildren(
      rep.chart ? repChart(rep.chart) : h('p', { class: 'hint' }, t('no_signal')),
      h('p', { class: 'why' }, h('strong', {}, rep.verdict), `: ${rep.why}.`));
  };
  // The one that was not full tells more than the others.
  if (part.reps.length) choose(part.reps.find((rep) => !rep.good) || part.reps[0]);
  return h('section', { class: 'card session-part' }, h('header', {}, h('h2', {}, part.title), h('p', { class: 'hint' }, part.text)),
    part.reps.length ? h('div', { class: 'seen-reps' }, h('ol', { class: 'reps' }, rows.map((row) => h('li', {}, row))), picture) : null);
}
