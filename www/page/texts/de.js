/** The page's texts in German. */

/** @type {import("./en.js").Texts} */
export const de = {
  // The page itself.
  title: "Wertstoff oder Spende? Eine Polyhead-Demo",
  workshopLink: "Werkstatt: eigene Modelle zusammenführen",
  privacyLink: "Nichts wird hochgeladen",
  heading: "Wertstoff oder Spende?",
  lede: "Zwei Bildklassifikatoren, getrennt auf einem Backbone trainiert, zu einem Modell zusammengeführt. Es läuft auf Ihrem Gerät: Kein Bild verlässt es.",
  privacyTitle: "Nichts verlässt dieses Gerät",
  privacyCompute: "Ihr Browser dekodiert das Bild; Skalierung und neuronales Netz laufen in WebAssembly, in einem Worker dieser Seite.",
  privacyPolicy: "Die Richtlinie der Seite (`connect-src 'self'`) verbietet Verbindungen zu jeder anderen Website, und die Seite sendet auch an ihre eigene nichts. Tests prüfen beides.",
  privacyStorage: "Keine Cookies, keine Zähler, keine Schriften oder Skripte von anderswo. Bilder werden nicht gespeichert: Wenn Sie die Seite schließen, sind sie verworfen.",
  offlineLater: "Nach dem ersten Besuch funktioniert die Seite ohne Netz, wenn der Browser das Speichern erlaubt.",
  offlineNow: "Die Seite und ihr Modell sind in diesem Browser gespeichert: Sie funktioniert jetzt ohne Netz.",

  // Inputs.
  dropHere: "Bilder oder Ordner irgendwo hierher ziehen",
  choose: "Bilder auswählen",
  chooseFolder: "Ordner auswählen",
  imageFolder: "Ordner mit Bildern",
  dropNote: "Oder ziehen Sie Bilder irgendwo auf die Seite, oder fügen Sie eines ein.",
  addressTitle: "Ein Bild über seine Adresse öffnen",
  address: "Adresse eines Bildes",
  open: "Öffnen",
  addressNote: "Vor dem Klick auf „Öffnen“ wird nichts geladen.",
  addressOffered: "Das ist eine Adresse, kein Bild. Noch wurde nichts geladen: Klicken Sie zum Laden auf „Öffnen“.",
  sharedImage: "geteiltes Bild",

  // The camera.
  otherSide: "Zwischen vorn und hinten wechseln",
  smooth: "Rangliste über die Zeit glätten",

  // Labels.
  modelLabels: "Labels des Modells",
  noLabel: "Kein Label",
  noName: "(ohne Namen)",
  noneOfThese: "Nichts davon",

  // Scores.
  scale: "Darstellung der Scores",
  probabilities: "Wahrscheinlichkeiten",
  rawScores: "Rohwerte",
  aboutRawScores:
    "Rohwerte (Logits): die Ausgaben jedes Kopfes vor der Regel. Sie haben keine Einheit und sind keine Wahrscheinlichkeiten: Vergleichen Sie sie nur innerhalb eines Kopfes.",
  unnamedRule: "ohne Namen",
  calibrated: (rule, eighty) =>
    `Kalibriert: Die Regel „${rule}“ wurde an Bilder oder an Evidenz aus Bildern angepasst. Von den Labels mit ${eighty} sollten auf ähnlichen Bildern etwa acht von zehn richtig sein.`,
  separateScores: (rule) =>
    `Nicht kalibriert: Die Regel „${rule}“ bewertet jedes Label für sich und wurde nicht angepasst. Verwenden Sie die Reihenfolge der Labels; die Werte sagen nicht, wie oft sie richtig sind.`,
  uncalibrated: (rule, hundred) =>
    `Nicht kalibriert: Die Regel „${rule}“ skaliert die Scores aller Köpfe auf eine Summe von ${hundred}, aber Scores verschiedener Köpfe sind nicht vergleichbar. Verwenden Sie die Reihenfolge der Labels; die Werte sagen nicht, wie oft sie richtig sind.`,
  figuresFrom: (source) => ` Zu den Kennzahlen: ${source}.`,
  validations: {
    "held-out": "kreuzvalidiert an Bildern, die die Köpfe nicht gesehen haben",
    seen: "kreuzvalidiert an Bildern, an denen die Köpfe vielleicht trainiert wurden",
    folds: "geschätzt aus Evidenz in Teilen, ohne Bilder",
    estimate: "geschätzt aus Evidenz, ohne Bilder",
    weights: "nicht gemessen: allein aus den Gewichten der Köpfe",
  },
  cautions: {
    "labels-not-held-out": ({ missing, labels }, { count }) => `${count(missing)} von ${count(labels)} Labels haben kein zurückgehaltenes Bild`,
    "few-held-out": ({ images }, { count }) => `ein Label hat nur ${count(images)} ${images === 1 ? "zurückgehaltenes Bild" : "zurückgehaltene Bilder"}: die Kennzahlen sind ungenau`,
    "seen-images":
      "die Köpfe wurden vielleicht an diesen Bildern trainiert und sind dann auf ihnen zu sicher: Temperaturen wurden nicht angepasst, und die Kennzahlen sind zu gut; verwenden Sie ungesehene Bilder, oder geben Sie an, dass diese es sind",
    "estimated-figures":
      "die Kennzahlen sind Schätzungen aus Summen, als wären die Köpfe bei ungesehenen Bildern so sicher wie bei denen ihres Trainings, und sind zu gut; verwenden Sie ungesehene Bilder",
    "nothing-measured": "nichts wurde gemessen: die Gewichte der Köpfe wurden einander angeglichen, mehr nicht; fügen Sie Bilder oder Evidenz hinzu",
    "no-shared-features": "die Köpfe haben keine gemeinsamen Merkmale: nur Regeln, die keine brauchen, wurden versucht",
    "no-evidence": ({ labels }, { list }) => `keine Evidenz zu ${list(labels)}: nur Regeln, die keine brauchen, wurden versucht`,
  },

  // The activation map.
  explain: "Warum dieses Label?",
  mapLabel: "Label der Aktivierungskarte",
  computingMap: "Die Aktivierungskarte wird berechnet …",
  labelOfHead: (label, head) => `${label}, von ${head}`,
  mapShows: (label, head, place) =>
    `Hervorgehoben: die Bereiche, die den Score von ${label} im Kopf ${head} erhöhen, am stärksten ${place}. Eine Klassenaktivierungskarte, berechnet aus den Werten des Modells.`,
  mapEmpty: (label) => `Kein Bereich erhöht den Score von ${label}: Alle senken ihn.`,
  noMap: (heads, count) =>
    `Für ${heads} gibt es keine Karte: Eine Karte braucht einen Kopf aus einer linearen Schicht auf gemittelten Merkmalen, und ${count > 1 ? "diese Köpfe haben" : "dieser Kopf hat"} mehr Schichten.`,
  mapPlaces: [
    ["oben links", "oben in der Mitte", "oben rechts"],
    ["links", "in der Mitte", "rechts"],
    ["unten links", "unten in der Mitte", "unten rechts"],
  ],

  // The list of many images.
  yourImages: "Ihre Bilder",
  cancel: "Abbrechen",
  resume: "Fortsetzen",
  order: "Reihenfolge",
  byLabel: "nach Label",
  byProbability: "unsicherste zuerst",
  byFile: "nach Dateiname",
  downloadCsv: "CSV herunterladen",
  downloadJson: "JSON herunterladen",
  clearList: "Liste leeren",
  allImages: "Alle Bilder",
  notRanked: "Nicht klassifiziert",
  retry: "Diese noch einmal versuchen",
  rankedOf: (ranked, all) => `${ranked} von ${all} klassifiziert`,
  failedCount: (count) => `${count} fehlgeschlagen`,
  waitingCount: (count) => `${count} noch offen`,
  othersCount: (count) => `${count} andere ${count === 1 ? "Datei" : "Dateien"} ausgelassen`,

  // Samples.
  samples: "Oder versuchen Sie eines von diesen",
  samplesFrom: "Quellen dieser Bilder",

  // The model card.
  card: "Modellkarte",
  cardWhat: "Beschreibung",
  cardSummary: (labels, heads, count, size) =>
    `Ein Bildklassifikator mit ${labels} Labels. Er nimmt ein Bild, das auf ${size} skaliert wird. ${count > 1 ? `Er verbindet die Köpfe ${heads}, die getrennt auf einem Backbone trainiert wurden.` : `Er hat einen Kopf, ${heads}.`}`,
  cardQuality: "Genauigkeit und Kalibrierung",
  cardFigures: (accuracy, images, error) =>
    `Das erste Label ist bei ${accuracy} von ${images} Bildern richtig; die angegebenen Wahrscheinlichkeiten liegen im Mittel um ${error} daneben.`,
  cardComparison: (accuracy) => `Ohne angepasste Regel (Scores aller Köpfe aneinandergehängt): ${accuracy}.`,
  cardMeasured: "Wie das gemessen wurde:",
  cardNoFigures: "Die Datei enthält keine Kennzahlen. Prüfen Sie das Modell an eigenen Bildern, mit polyhead check oder in der Werkstatt.",
  cardReading: "Bedeutung der Wahrscheinlichkeiten",
  cardBackbone: "Ein Backbone für alle",
  cardShared: (first) =>
    `Die Backbones der Modelle waren fast gleich. Ein Backbone ersetzt sie: ${first ? "das des ersten Modells" : "das Mittel aller"}. Beim Zusammenführen hat das die Antworten der Köpfe geändert:`,
  cardChange: (head, top, images, synthetic) => `${head}: ein anderes erstes Label bei ${top} von ${images} ${synthetic ? "künstlichen Bildern" : "Bildern"}`,
  cardOrigin: "Quellen",
  cardOriginSums: "Zusammengeführt aus diesen Dateien, jede mit ihrer SHA-256:",
  cardParameters: "Regel: alle Parameter und Kennzahlen",
  preprocessing: "Vorverarbeitung",
  otherMetadata: "Weitere Metadaten der Quellen",
  headFacts: (labels, count, exclusive, linear) =>
    `${labels} (${count} Labels, ${exclusive ? "genau eines ist richtig" : "jedes für sich"}${linear ? ", linear" : ""})`,
  ruleNotFitted: (heads) => `Die Scores von ${heads} werden aneinandergehängt. Es wurde keine Regel an Bilder angepasst, daher gibt es keine Kennzahlen.`,
  ruleFitted: (heads) => `Die Regel verbindet die Scores von ${heads} zu einer Rangliste. Angaben der Datei dazu:`,
  ruleWithoutFigures: (heads) => `Die Regel verbindet die Scores von ${heads} zu einer Rangliste. Die Datei enthält keine Kennzahlen dazu.`,
  values: (count) => `${count} Werte`,
  nothing: "nichts",
};
