/* Sets the chosen theme before the first paint, so that the other one does not flash. A classic script: modules run later. */
(() => {
  const root = document.documentElement;
  let chosen = null;
  try { chosen = localStorage.getItem('loosen.theme'); } catch { /* storage may be shut; the system's theme then */ }
  if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen;
})();
