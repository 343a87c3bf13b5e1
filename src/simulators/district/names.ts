/**
 * Given and family names by language, written down for this project. Where a name is not in Latin letters, the part
 * after the bar is how a school office would spell it in an e-mail address.
 */

export interface NameList {
  female: readonly string[];
  male: readonly string[];
  family: readonly string[];
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/u);

export const nameLists: readonly NameList[] = [
  {
    female: words('Abigail Charlotte Daisy Eleanor Florence Grace Harriet Imogen Matilda Poppy Rosemary Willow'),
    male: words('Albert Benjamin Casper Edward Felix George Henry Jasper Leonard Oliver Theodore Wilfred'),
    family: words(
      'Ashworth Barlow Carver Draper Ellison Fairbanks Garland Hartley Kingsley Langford Mercer Northcott Pembroke Radcliffe Stanhope Thackeray Underhill Whitaker',
    ),
  },
  {
    female: words('Aoife Bríd Caoimhe Deirdre Gráinne Niamh Róisín Saoirse Sinéad Órla'),
    male: words('Cillian Cormac Dáithí Eoin Fionn Oisín Pádraig Ruairí Séamus Tadhg'),
    family: words('O’Brien O’Connell O’Sullivan McCarthy MacGowan Gallagher Ó’Dálaigh Kavanagh Brannigan Doyle'),
  },
  {
    female: words('Ana Begoña Concepción Inés Itziar Lucía María Noemí Pilar Sofía Ximena Yolanda'),
    male: words('Ángel Benicio César Diego Íñigo Joaquín Julián Martín Óscar Raúl Tomás Víctor'),
    family: words(
      'Álvarez Castañeda Domínguez Fernández Gutiérrez Hernández Ibáñez Jiménez Muñoz Núñez Ordóñez Peña Quiñones Rodríguez Sepúlveda Zúñiga',
    ),
  },
  {
    female: words('Adélaïde Anaïs Céline Éloïse Françoise Geneviève Héloïse Maëlle Noémie Solène'),
    male: words('André Benoît Étienne François Gaël Jérôme Loïc Mathéo Raphaël Théo'),
    family: words(
      'Beauséjour Bélanger Château Desrosiers D’Aubigny Garçon Lefèvre L’Écuyer Noël Pâquet Rivière Thériault',
    ),
  },
  {
    female: words('Annika Bärbel Frieda Gretchen Heidrun Jördis Katharina Liesel Mareike Änne'),
    male: words('Björn Dietrich Götz Jürgen Konrad Lothar Matthäus Rüdiger Sönke Torsten'),
    family: words('Böhm Großmann Hölderlin Jäger Köhler Lößnitz Müller Neumann Preuß Schäfer Strauß Voß Weiß Zöllner'),
  },
  {
    female: words('Agnieszka Bożena Elżbieta Grażyna Jadwiga Kamila Małgorzata Róża Wiesława Żaneta'),
    male: words('Bartłomiej Grzegorz Jędrzej Kazimierz Łukasz Mikołaj Paweł Sławomir Tymoteusz Wojciech'),
    family: words(
      'Błaszczyk Dąbrowski Gołębiewski Jabłoński Kaczmarek Łuczak Mączyński Pawłowski Śliwa Wójcik Zięba Żak',
    ),
  },
  {
    female: words('Åse Astrid Dagny Frøya Ingebjørg Kjersti Liv Maja Solvår Tuva'),
    male: words('Aksel Bjørn Eskil Håkon Jørgen Knut Lasse Magnus Sverre Øystein'),
    family: words('Aasen Bjørkås Dørum Fjeldså Grønvold Hårstad Lødøen Nygård Sæther Østby Ødegård Ålund'),
  },
  {
    female: words('Bích Diệp Hương Khánh Liên Ngọc Phượng Quỳnh Thảo Tuyết Yến Ánh'),
    male: words('Bảo Cường Đức Hiếu Khôi Lộc Minh Nghĩa Phúc Quốc Thịnh Việt'),
    family: words('Bùi Đặng Đỗ Dương Hoàng Huỳnh Lê Ngô Nguyễn Phạm Trần Võ Vũ'),
  },
  {
    female: words('Beatrice Chiara Fiorella Ginevra Ilaria Lavinia Mirella Nicolò Ornella Viola'),
    male: words('Aurelio Cosimo Dario Ettore Fabrizio Gioele Lapo Matteo Niccolò Santino'),
    family: words("Bellomo Carbonaro D'Amico De'Rossi Esposito Ferrante Giordano Lombardi Malatesta Tornabene"),
  },
  {
    female: words('Aaliyah Dunya Farah Hanan Jamila Layla Maryam Noor Salma Yasmin Zaynab'),
    male: words('Adnan Bilal Faris Hamza Idris Karim Mahmoud Nabil Rashid Tariq Zayd'),
    family: words('Al-Amin Al-Hakim Bakr Darwish El-Sayed Fakhoury Haddad Khalil Mansour Nasser Qasim Sabbagh'),
  },
  {
    female: words('Aditi Bhavna Deepika Ishani Kavya Lakshmi Meera Nandini Priya Shreya Tanvi'),
    male: words('Arjun Chetan Dev Harsh Ishaan Karan Manoj Nikhil Rohan Sanjay Vikram'),
    family: words('Banerjee Chatterjee Deshpande Gopalakrishnan Iyer Joshi Kulkarni Mehta Nair Patel Rao Venkatesh'),
  },
  {
    female: words('Adéọlá Bùkólá Ẹniọlá Fọláṣadé Ìyábọ̀ Ọmọ́wùmí Ṣadé Títílayọ̀'),
    male: words('Adébáyọ̀ Babátúndé Fẹ́mi Kọ́lá Ọládélé Ṣẹ́gun Táíwò Wọlé'),
    family: words('Adébísí Akínwándé Balógun Fáṣọlá Ògúnlẹ́sì Ọ̀ṣúnsànmí Ṣóyínká Olówóọkẹrẹ'),
  },
  {
    female: words('Ελένη|Eleni Κατερίνα|Katerina Σοφία|Sofia Δήμητρα|Dimitra'),
    male: words('Γιώργος|Giorgos Νίκος|Nikos Θανάσης|Thanasis Παύλος|Pavlos'),
    family: words('Παπαδάκης|Papadakis Οικονόμου|Oikonomou Βλάχος|Vlachos Αγγελίδης|Angelidis'),
  },
  {
    female: words('陽葵|Himari 結衣|Yui 美咲|Misaki さくら|Sakura'),
    male: words('蓮|Ren 大翔|Hiroto 悠真|Yuma 健太|Kenta'),
    family: words('佐々木|Sasaki 渡辺|Watanabe 小林|Kobayashi 藤原|Fujiwara'),
  },
];

/** A name that trips programs; each school has one of each kind. `latin` is its spelling in addresses. */
export interface RareName {
  given: string;
  family: string;
}

/** Names near a hundred letters: they fill columns, buttons and e-mail addresses. */
export const longNames: readonly RareName[] = [
  {
    given: 'María de los Ángeles Concepción Guadalupe Francisca Josefina del Perpetuo Socorro Inmaculada Teresa',
    family: 'Fernández de Castañeda y Villafranca del Bierzo-Gutiérrez de la Peña y Ordóñez de Santillana',
  },
  {
    given: 'Kealohanuiopunahele',
    family: 'Kahanamokuaikalanikauikealaneokekuahiwiokamakanipoaiaokaulanaokekaiuliuliohawaiinuiakeaokalani',
  },
  {
    given: 'Wilhelmine Friederike Charlotte Luise Augusta Dorothea Henriette Sophie Amalie Karoline Mathilde',
    family: 'Freiin von und zu Großschönau-Weißenfels-Lößnitz auf Hohenbüßen',
  },
];

/** Names of a single letter: validators that ask for two refuse these people. */
export const shortNames: readonly RareName[] = [
  { given: 'E', family: 'Oyelaran' },
  { given: 'Jun', family: 'O' },
  { given: 'Y', family: 'Ö' },
];

/** Names with two family names, hyphens, straight and curly apostrophes, and small particles. */
export const knottyNames: readonly RareName[] = [
  { given: 'Zoë', family: 'O’Brien-Núñez' },
  { given: 'Jean-François', family: "d'Arçy" },
  { given: 'Nguyễn Thị Minh', family: 'Trần-Weiß' },
  { given: 'Łucja', family: 'van ’t Hof' },
  { given: 'Søren', family: 'Ødegård-Żak' },
];
