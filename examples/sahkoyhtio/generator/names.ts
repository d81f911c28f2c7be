const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export type Language = 'fi' | 'sv' | 'en'

/** First and last names by language, common ones first. */
export const NAMES: Record<Language, { first: readonly string[]; last: readonly string[] }> = {
  fi: {
    first: words(`Anna Maria Juhani Johannes Helena Mikael Johanna Matti Kaarina Antero Liisa Tapani Päivi Kari
      Minna Jari Sari Timo Tuula Markku Pirjo Antti Hanna Mika Satu Jukka Eeva Heikki Kirsi Petri Riitta Ville Elina
      Janne Sirpa Teemu Outi Pekka Kaisa Eero Heli Tuomas Anneli Olli Veera Seppo Aino Hannu Katja Aleksi Emilia
      Esa Mervi Jyrki Iida Väinö Leena Arto Jenni Pentti Noora Risto Tiina Niko Merja Ilkka Saara Raimo Sanna Joonas
      Anna-Maija Veli-Pekka Aamu Onni Helmi Eino Tyyne Ahti Ilona`),
    last: words(`Korhonen Virtanen Mäkinen Nieminen Mäkelä Hämäläinen Laine Heikkinen Koskinen Järvinen Lehtonen
      Lehtinen Saarinen Salminen Heinonen Niemi Heikkilä Kinnunen Salonen Turunen Salo Laitinen Tuominen Rantanen
      Karjalainen Jokinen Mattila Savolainen Lahtinen Ahonen Ojala Leppänen Kallio Väisänen Hiltunen Miettinen
      Leinonen Pitkänen Aaltonen Manninen Hakala Koivisto Anttila Laaksonen Hirvonen Räsänen Lehto Laakso Toivonen
      Mustonen Rantala Aalto Peltonen Nurmi Moilanen Lampinen Seppälä Hänninen Pulkkinen Kettunen Kauppinen Tamminen
      Lappalainen Karppinen Partanen Sillanpää Ylönen Häkkinen Kärkkäinen Törmänen Pöyhönen Yli-Kyyny Myöhänen
      Äijälä Rytkönen Vänskä Kähkönen Tikkanen Suominen Kivelä Erkkilä Huttunen Jääskeläinen Vesterinen`),
  },
  sv: {
    first: words(`Carl Maria Erik Johan Margareta Christina Gustav Elisabet Lars Åsa Ulf Birgitta Håkan Camilla Björn
      Susanne Göran Annika Mats Ebba`),
    last: words(`Johansson Nyman Lindholm Karlsson Andersson Lindqvist Eriksson Forsström Sjöberg Öhman Björklund
      Åkerlund Söderholm Holmström Wikström Grönroos Lönnqvist Blomqvist`),
  },
  en: {
    first: words('Amina Daniel Olga Sergei Linh Ahmed Priya Thomas Ewa Fatima Mihkel Liina Omar Grace Ivan'),
    last: words('Tamm Ivanova Nguyen Hassan Smith Petrov Kask Ali Sharma Kowalski Mohamed Saar Garcia Chen Brown'),
  },
}

const STREET_STEMS = words(`Kuikka Tyrsky Haapa Kanerva Utu Lumme Pihka Tuohi Halla Riihi Savu Myrsky Kissankello
  Pöllö Hämärä Kaisla Sammal Kuura Mänty Ruska Ahven Suopursu Karpalo Näädän Jäkälä Vihma Metso Syreeni Aallokko`)
const STREET_ENDS = words('tie kuja katu polku kaari raitti rinne')
/** Invented street names. */
export const STREETS = STREET_STEMS.flatMap((stem) => STREET_ENDS.map((end) => stem + end))

/** Postal codes that exist, by the name of their post office, and how many customers live there in proportion. */
const PLACES_TEXT = `Helsinki 00100 00150 00180 00200 00250 00300 00400 00500 00530 00550 00640 00700 00800 00870 00940 00980
Espoo 02100 02150 02200 02320 02600 02760
Kauniainen 02700
Vantaa 01300 01370 01510 01600 01700
Tampere 33100 33200 33500 33580 33720 33820
Turku 20100 20500 20540 20720 20810
Oulu 90100 90140 90500 90570
Jyväskylä 40100 40520 40700
Lahti 15110 15500
Hollola 15880
Kuopio 70100 70600 70820
Joensuu 80100 80200
Pori 28100 28200
Lappeenranta 53100 53850
Vaasa 65100 65200
Seinäjoki 60100
Hämeenlinna 13100 13500
Kerava 04230
Järvenpää 04400
Hyvinkää 05800 05900
Lohja 08100
Porvoo 06100
Tammisaari 10600
Kotka 48600
Kouvola 45100
Mikkeli 50100
Savonlinna 57100
Kajaani 87100
Rovaniemi 96100 96300
Kokkola 67100
Rauma 26100
Salo 24100
Raisio 21200
Nokia 37100
Ylöjärvi 33470
Kangasala 36200
Muurame 40950
Kempele 90440
Nurmijärvi 01900
Riihimäki 11100
Sastamala 38200
Ivalo 99800
Pietarsaari 68600
Uusikaarlepyy 66900
Mariehamn 22100
Huittinen 32700
Uusikaupunki 23500`
export const PLACES = PLACES_TEXT.split('\n').flatMap((line) => {
  const [city = '', ...codes] = line.split(' ')
  return codes.map((postalCode) => ({ city, postalCode }))
})

/** Five digits that no post office has. */
export const NONEXISTENT_POSTAL_CODES = words(`00199 00333 00444 00777 00999 01234 02999 04999 11999 12345 15999 20999
  28999 33999 40999 53999 55555 60999 65999 66666 70999 77777 88888 90999 96999`)

/** Domains that can never belong to anybody (RFC 2606). */
export const MAIL_DOMAINS = words('meili.example kirje.example posti.example example.com example.org')
