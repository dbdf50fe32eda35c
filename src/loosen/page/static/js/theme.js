/* Applied before the first paint, so that a chosen theme does not flash. A classic script on purpose. */
(() => {
  const root = document.documentElement;
  let chosen = null;
  try { chosen = localStorage.getItem('loosen.theme'); } catch { /* storage may be shut; the system's theme then */ }
  if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen;
})();
