// Where the page of a feature is.

/**
 * Return the address of a feature's page: on a server, or among the files of a static site.
 * @param {string} role
 * @param {string} id
 */
export function getPageAddress(role, id) {
  const { root = "", lang, renamed, static: isStatic } = document.body.dataset;
  if (!isStatic) return root + role + "/" + encodeURIComponent(id) + "?lang=" + lang;
  // A file system may not take the id as a name; the site says how such files are called.
  const name = (renamed && JSON.parse(renamed)[role + "/" + id]) || id;
  return root + role + "/" + encodeURIComponent(name) + ".html";
}
