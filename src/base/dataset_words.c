/* The words that the generator's names, titles and places are made of. */
#include "base/dataset_parts.h"

#define COUNT(list)   ((int64_t)(sizeof(list) / sizeof((list)[0])))
#define PICK(r, list) ((list)[dataset_below((r), COUNT(list))])

/* clang-format off */
static const char *const women[] = {
	"Abigail", "Ada", "Aisha", "Amelie", "Anouk", "Beatriz", "Birgit", "Carmen", "Chloé", "Daria", "Elin", "Esther", "Fatima",
	"Frieda", "Gwen", "Hana", "Ingrid", "Jasmin", "Joana", "Katya", "Leonor", "Lucía", "Maren", "Mei", "Nadia", "Ngọc", "Olive",
	"Paloma", "Ramona", "Renée", "Rosalind", "Saoirse", "Selma", "Tamsin", "Ursula", "Viola", "Wanda", "Yara", "Zoë",
};
static const char *const men[] = {
	"Abel", "Anton", "Arun", "Björn", "Caspar", "César", "Dario", "Edgar", "Emil", "Felix", "Giles", "Hamid", "Henrik", "Ivo",
	"Jonas", "José", "Kofi", "Lars", "Leander", "Łukasz", "Magnus", "Mateo", "Milan", "Niall", "Omar", "Otis", "Pavel", "Quentin",
	"Rafael", "Ruben", "Søren", "Stellan", "Tariq", "Tobias", "Victor", "Wendell", "Xavier", "Yusuf", "Zoltán",
};
static const char *const surnames[] = {
	"Abernathy", "Almeida", "Åkesson", "Barlow", "Bergström", "Blackwood", "Bystrom", "Calloway", "Castañeda", "Coldwell", "Dalgaard",
	"Delacroix", "Dunmore", "Eastwick", "Ekholm", "Fairburn", "Ferreira", "Gallagher", "Granger", "Haldane", "Hollis", "Ibarra",
	"Ironside", "Jansson", "Kessler", "Kowalczyk", "Lindqvist", "Lockhart", "Marchetti", "McAllister", "Müller", "Nakagawa",
	"Northcott", "O'Dowd", "Okonkwo", "Pemberton", "Petrović", "Quayle", "Ramsgate", "Rosario", "Sandoval", "Sørensen", "Thackeray",
	"Tremblay", "Underhill", "Valente", "Vasquez", "Wainwright", "Weatherby", "Yilmaz", "Zamora", "Žižka",
};
static const char *const adjectives[] = {
	"Amber", "Analog", "Ancient", "Barren", "Bitter", "Borrowed", "Broken", "Burning", "Careless", "Copper", "Crooked", "Dancing",
	"Distant", "Double", "Electric", "Empty", "Endless", "Faded", "Fearless", "Fluorescent", "Foreign", "Frozen", "Gentle", "Golden",
	"Hidden", "Hollow", "Honest", "Imaginary", "Invisible", "Iron", "Last", "Little", "Lonely", "Lucky", "Magnetic", "Midnight",
	"Modern", "Naïve", "Northern", "Paper", "Patient", "Perfect", "Plastic", "Quiet", "Restless", "Rusty", "Secret", "Seventh",
	"Silent", "Silver", "Sleeping", "Southern", "Spare", "Stolen", "Strange", "Sudden", "Tender", "Tidal", "Velvet", "Violet",
	"Wandering", "Wild", "Winter", "Wooden",
};
static const char *const nouns[] = {
	"Anchor", "Antenna", "Arrow", "Autumn", "Ballroom", "Beacon", "Bicycle", "Bridge", "Cactus", "Café", "Candle", "Canyon", "Carousel",
	"Castle", "Cathedral", "Circus", "Clockwork", "Comet", "Compass", "Corner", "Current", "Daylight", "Desert", "Diamond", "Echo",
	"Elevator", "Engine", "Feather", "Ferry", "Firefly", "Fountain", "Garden", "Ghost", "Harbor", "Heart", "Highway", "Horizon",
	"Hurricane", "Island", "Kingdom", "Ladder", "Lantern", "Letter", "Lighthouse", "Machine", "Magnolia", "Marathon", "Meadow",
	"Mirror", "Mountain", "Museum", "Ocean", "Orchard", "Parade", "Piano", "Pilot", "Planet", "Radio", "Railway", "River", "Rooftop",
	"Saint", "Satellite", "Shadow", "Signal", "Sparrow", "Station", "Storm", "Summer", "Telephone", "Thunder", "Tiger", "Tower", "Train",
	"Umbrella", "Valley", "Voyage", "Window", "Wren", "Zeppelin",
};
static const char *const verbs[] = {
	"Answer", "Believe", "Borrow", "Break", "Carry", "Chase", "Count", "Dance With", "Dream Of", "Fall Into", "Find", "Follow", "Forget",
	"Forgive", "Hold", "Keep", "Leave", "Light", "Lose", "Miss", "Move", "Open", "Paint", "Remember", "Ride", "Run From", "Save", "Shake",
	"Sing To", "Steal", "Turn", "Wait For", "Wake", "Write",
};
static const char *const ensembles[] = {
	"Band", "Brothers", "Choir", "Club", "Collective", "Company", "Ensemble", "Experience", "Five", "Orchestra", "Project", "Quartet",
	"Sisters", "Sound System", "Trio", "Union",
};
static const char *const genres[] = {
	"Afrobeat", "Bluegrass", "Brass", "Chamber", "Disco", "Dub", "Folk", "Funk", "Gospel", "Jazz", "Noise", "Polka", "Ragtime", "Soul",
	"String", "Swing", "Synth", "Tango",
};
static const char *const foreign_acts[] = {
	"Die stillen Gärten", "Grüße aus Übersee", "Les Oiseaux Égarés", "Étoile Brûlée", "Los Niños del Río", "Corazón Eléctrico",
	"Sol & Señora", "Blå Måne", "Smörgåsbord Radio", "Þögn", "Ветер и Снег", "Тихий Город", "Κύμα", "月の光楽団", "星の鉄道",
	"서울의 밤", "Đêm Sài Gòn", "Noite Çá e Lá", "Życie na Księżycu", "Světlo", "Árvíztűrő Zenekar", "İstanbul Geceleri",
};
static const char *const foreign_titles[] = {
	"Für immer und ewig", "Über den Dächern", "L'été à la mer", "Ça ira mieux demain", "Mañana por la mañana", "Canción del olvido",
	"Último tren", "Så länge skutan", "Blåbær", "Где-то там", "Белые ночи", "Θάλασσα", "さくらの道", "夜の電車", "봄날의 꿈",
	"Mưa mùa hạ", "Coração partido", "Gdzieś daleko", "Půlnoční vlak", "Ősz", "Çiçek", "Sunrise ☀", "I 🎸 You",
};
static const char *const versions[] = {
	"(Album Version)", "(Live)", "(LP Version)", "(Acoustic)", "(Radio Edit)", "(Remastered)", "(Instrumental)", "[Bonus Track]",
	"(Extended Mix)", "(Demo)", "(2004 Digital Remaster)", "- Single Edit",
};
/* Cities and where they are, in round figures; the text after the comma is as people write it, which differs. */
static const struct dataset_place places[] = {
	{ "Los Angeles, CA", 3405349, -11824532 }, { "New York, NY", 4071455, -7400712 }, { "Chicago, IL", 4188415, -8763241 },
	{ "Nashville, TN", 3616778, -8677836 }, { "Detroit, Michigan", 4233143, -8304575 }, { "Seattle, Washington", 4760621, -12233207 },
	{ "New Orleans, LA", 2995369, -9007771 }, { "Memphis, TN", 3514968, -9004892 }, { "Austin, TX", 3026715, -9774306 },
	{ "Minneapolis, MN", 4497903, -9326493 }, { "Philadelphia, PA", 3995227, -7516237 }, { "Athens, GA", 3395869, -8337763 },
	{ "San Francisco, CA", 3777916, -12242005 }, { "Portland, OR", 4551179, -12267563 }, { "Montréal, Québec", 4551228, -7355439 },
	{ "Toronto, Ontario, Canada", 4364856, -7938533 }, { "Vancouver, BC", 4926044, -12311403 }, { "London, England", 5150632, -12714 },
	{ "Manchester, UK", 5347949, -224522 }, { "Liverpool", 5341078, -297784 }, { "Glasgow, Scotland", 5586515, -425763 },
	{ "Bristol, England", 5145523, -259665 }, { "Dublin, Ireland", 5334807, -624827 }, { "Paris, France", 4885692, 234121 },
	{ "Marseille", 4329695, 538107 }, { "Bruxelles, Belgique", 5084844, 434986 }, { "Berlin", 5251607, 1337698 },
	{ "Köln, Germany", 5093753, 696028 }, { "München", 4813743, 1157549 }, { "Wien, Austria", 4820849, 1637208 },
	{ "Zürich, Switzerland", 4737706, 853955 }, { "Stockholm, Sweden", 5933279, 1806449 }, { "Göteborg", 5770068, 1196823 },
	{ "København, Denmark", 5567610, 1256834 }, { "Oslo, Norway", 5991387, 1075225 }, { "Reykjavík, Iceland", 6414667, -2194223 },
	{ "Helsinki, Finland", 6016986, 2493838 }, { "Kraków, Poland", 5006143, 1993658 }, { "Praha", 5007554, 1443780 },
	{ "Barcelona, Spain", 4138506, 217341 }, { "Madrid", 4041678, -370379 }, { "Lisboa, Portugal", 3872225, -913934 },
	{ "Roma, Italy", 4190351, 1249637 }, { "Athína", 3798381, 2372754 }, { "İstanbul, Turkey", 4100824, 2897836 },
	{ "Lagos, Nigeria", 645506, 339418 }, { "Accra, Ghana", 560372, -18696 }, { "Bamako, Mali", 1263923, -800289 },
	{ "Johannesburg, South Africa", -2620413, 2804731 }, { "Kingston, Jamaica", 1801571, -7679731 }, { "La Habana, Cuba", 2311359, -8236660 },
	{ "San Juan, Puerto Rico", 1846633, -6610572 }, { "Ciudad de México", 1943260, -9913321 }, { "Bogotá, Colombia", 471099, -7407209 },
	{ "São Paulo, Brazil", -2355052, -4663331 }, { "Salvador, Bahia", -1297304, -3850230 }, { "Buenos Aires, Argentina", -3460372, -5838159 },
	{ "Santiago de Chile", -3344889, -7066927 }, { "Tokyo, Japan", 3568949, 13969171 }, { "Osaka", 3469374, 13550218 },
	{ "Seoul, South Korea", 3756654, 12697797 }, { "Mumbai, India", 1907598, 7287766 }, { "Melbourne, Australia", -3781361, 14496306 },
	{ "Sydney, NSW", -3386785, 15120732 }, { "Auckland, New Zealand", -3684846, 17476333 },
};
/* Names of metropolitan areas as the census has them: cities joined by '-', then the states. */
static const char *const metros[] = {
	"Albuquerque, NM", "Allentown-Bethlehem-Easton, PA-NJ", "Ann Arbor, MI", "Augusta-Richmond County, GA-SC", "Baton Rouge, LA",
	"Billings, MT", "Boise City, ID", "Boston-Cambridge-Newton, MA-NH", "Bridgeport-Stamford-Norwalk, CT", "Buffalo-Cheektowaga, NY",
	"Burlington-South Burlington, VT", "Charleston-North Charleston, SC", "Charlotte-Concord-Gastonia, NC-SC", "Cincinnati, OH-KY-IN",
	"Cleveland-Elyria, OH", "Columbus, OH", "Corpus Christi, TX", "Davenport-Moline-Rock Island, IA-IL", "Denver-Aurora-Lakewood, CO",
	"Des Moines-West Des Moines, IA", "Duluth, MN-WI", "El Paso, TX", "Eugene, OR", "Fargo, ND-MN", "Fresno, CA",
	"Grand Rapids-Wyoming, MI", "Greensboro-High Point, NC", "Harrisburg-Carlisle, PA", "Hartford-West Hartford-East Hartford, CT",
	"Kansas City, MO-KS", "Knoxville, TN", "Las Vegas-Henderson-Paradise, NV", "Lexington-Fayette, KY", "Lincoln, NE",
	"Little Rock-North Little Rock-Conway, AR", "Louisville/Jefferson County, KY-IN", "Madison, WI", "Manchester-Nashua, NH",
	"Mayagüez, PR", "Miami-Fort Lauderdale-West Palm Beach, FL", "Milwaukee-Waukesha-West Allis, WI", "Omaha-Council Bluffs, NE-IA",
	"Oklahoma City, OK", "Pittsburgh, PA", "Providence-Warwick, RI-MA", "Reno, NV", "Richmond, VA", "Riverside-San Bernardino-Ontario, CA",
	"Rochester, NY", "Salt Lake City, UT", "San Germán, PR", "Santa Fe, NM", "Spokane-Spokane Valley, WA", "St. Louis, MO-IL",
	"Urban Honolulu, HI", "Virginia Beach-Norfolk-Newport News, VA-NC", "Wichita, KS", "Winston-Salem, NC",
};
static const char *const agents[] = {
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/37.0.2062.120 Safari/537.36",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_5) AppleWebKit/600.1.17 (KHTML, like Gecko) Version/7.1 Safari/537.85.10",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.9; rv:32.0) Gecko/20100101 Firefox/32.0",
	"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/37.0.2062.120 Safari/537.36",
	"Mozilla/5.0 (Windows NT 6.3; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/36.0.1985.125 Safari/537.36",
	"Mozilla/5.0 (Windows NT 5.1; rv:32.0) Gecko/20100101 Firefox/32.0",
	"Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
	"Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.1; WOW64; Trident/6.0)",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/37.0.2062.120 Safari/537.36",
	"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:32.0) Gecko/20100101 Firefox/32.0",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 8_0 like Mac OS X) AppleWebKit/600.1.4 (KHTML, like Gecko) Version/8.0 Mobile/12A365 Safari/600.1.4",
	"Mozilla/5.0 (iPad; CPU OS 7_1_2 like Mac OS X) AppleWebKit/537.51.2 (KHTML, like Gecko) Version/7.0 Mobile/11D257 Safari/9537.53",
	"Mozilla/5.0 (Linux; Android 4.4.4; Nexus 5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/37.0.2062.117 Mobile Safari/537.36",
	"Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.17",
};
/* clang-format on */

const struct dataset_place *dataset_pick_place(struct dataset_rng *r)
{
	return &PICK(r, places);
}

const char *dataset_pick_metro(struct dataset_rng *r)
{
	return metros[dataset_skewed(r, COUNT(metros))];
}

const char *dataset_pick_agent(struct dataset_rng *r)
{
	return PICK(r, agents);
}

void dataset_pick_person(struct dataset_rng *r, const char **first, const char **last, const char **gender)
{
	bool woman = dataset_chance(r, 55);
	*first = woman ? PICK(r, women) : PICK(r, men);
	*last = PICK(r, surnames);
	*gender = woman ? "F" : "M";
}

/* "%A" adjective, "%N" noun, "%V" verb, "%F" first name, "%S" surname, "%E" ensemble, "%G" genre, "%X" number; anything
 * else is itself. */
static void add_pattern(struct dataset_rng *r, const char *pattern, struct buf *out)
{
	for (const char *p = pattern; *p; p++) {
		if (*p != '%') {
			buf_putc(out, *p);
			continue;
		}
		switch (*++p) {
		case 'A':
			buf_puts(out, PICK(r, adjectives));
			break;
		case 'N':
			buf_puts(out, PICK(r, nouns));
			break;
		case 'V':
			buf_puts(out, PICK(r, verbs));
			break;
		case 'F':
			buf_puts(out, dataset_chance(r, 50) ? PICK(r, women) : PICK(r, men));
			break;
		case 'S':
			buf_puts(out, PICK(r, surnames));
			break;
		case 'E':
			buf_puts(out, PICK(r, ensembles));
			break;
		case 'G':
			buf_puts(out, PICK(r, genres));
			break;
		default:
			buf_printf(out, "%d", (int)dataset_below(r, 98) + 2);
		}
	}
}

void dataset_add_artist_name(struct dataset_rng *r, struct buf *out)
{
	/* clang-format off */
	static const char *const patterns[] = {
		"%F %S", "%F %S", "%F %S", "%F %S", "The %A %Ns", "The %A %Ns", "%A %N", "%N %N", "%F & The %Ns", "%F %S %E",
		"%A %N %E", "%N %G %E", "The %X %Ns", "%N/%N", "%F \"%A\" %S",
	};
	/* clang-format on */
	if (dataset_chance(r, 7))
		buf_puts(out, PICK(r, foreign_acts));
	else
		add_pattern(r, PICK(r, patterns), out);
}

void dataset_add_title(struct dataset_rng *r, struct buf *out)
{
	/* clang-format off */
	static const char *const patterns[] = {
		"%A %N", "%A %N", "%N", "%V The %N", "%V My %N", "%V A %A %N", "%Ns And %Ns", "The %N And The %N", "%N In The %N",
		"%F", "%X %Ns", "%A %A %N", "\"%A\"", "Don't %V The %N", "%V Me (The %N Song)", "%N / %N", "I'm Your %A %N",
	};
	/* clang-format on */
	if (dataset_chance(r, 6)) {
		buf_puts(out, PICK(r, foreign_titles));
		add_pattern(r, " %N", out);
	} else {
		add_pattern(r, PICK(r, patterns), out);
	}
	if (dataset_chance(r, 18))
		buf_printf(out, " %s", PICK(r, versions));
}
