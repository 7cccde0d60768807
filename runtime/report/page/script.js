// Nothing here is needed to read the page: it adds a search and sorts the table.
(function () {
  "use strict";
  var body = document.querySelector("#hosts tbody");
  if (!body) return;
  var rows = Array.prototype.slice.call(body.rows);
  var find = document.getElementById("find");
  find.hidden = false;
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  find.addEventListener("input", function () {
    var words = find.value.toLowerCase().split(/\s+/);
    rows.forEach(function (row, i) {
      row.classList.toggle("gone", !words.every(function (word) { return texts[i].indexOf(word) >= 0; }));
    });
  });
  var names = new Intl.Collator(undefined, { numeric: true });
  function value(row, column) {
    var cell = row.cells[column];
    return cell.dataset.value || cell.textContent;
  }
  document.querySelectorAll("#hosts thead th").forEach(function (head, column) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    var way = 1;
    button.addEventListener("click", function () {
      var order = rows.slice().sort(function (a, b) { return way * names.compare(value(a, column), value(b, column)); });
      document.querySelectorAll("#hosts thead th").forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
      way = -way;
      order.forEach(function (row) { body.appendChild(row); });
    });
  });
})();
