/* SPDX-License-Identifier: MIT */
/* dotenv and INI: what is read, what is refused, and that all comes back byte for byte (doc_fake.h). */
#include <check.h>

#include "doc_text.h"
#include "sweep.h"
#include "vectors.h"

#include "../../src/doc/ini.h"

static const char *const env_exact[] = {
	"",
	"\n",
	"\n\n",
	"A=1",
	"A=1\n",
	"A=1\n\n\n",
	"A=1\r\nB=2\r\n",
	"A=1\r\nB=2\r",
	"\n# c\n#\n#\r\nA=\n=x\n==\nA=2\nA= 2 \n",
	"A=a\\nb\\\\nc\\\n",
	"export A = 'x' # y\nsops=1\nsopsy=2",
	"\357\273\277A=1\n",
	"A=\xff\xfe\n#\x80\n\xc3=1\n",
};

START_TEST(dotenv__comes_back)
{
	check_round_trip(DOC_DOTENV, env_exact[_i], env_exact[_i], true);
}
END_TEST

static const char *const ini_exact[] = {
	"",
	"\n",
	"\r\n",
	"k=v",
	"k=v\r",
	"k = v\n",
	"[a]\nk = v\n\n\n",
	"[a]\r\nk = v\r\n; c\r\nl = \"w\"\r\n",
	"\xef\xbb\xbf[a]\nk=v\n",
	"\xef\xbb\xbf",
	"; top\n\n  # more\n\n[ a ]\n; c\n\n\t;; d  \nk : v ; e  \n[a]\nk=v#e\n",
	"#\n# Title\n#\n\n[a]\nk=v\n",
	"#\r\n# Title\r\n#\r\n[a]\r\nk=v\r\n",
	"; c\n[a] ; d\nk=v\n",
	"k=\nl = \nm = ; c\nn=#\n",
	"k='a'\nl=\"b\"\nm=`c#`\nn=\"\"\"d;\"\"\"\no=''\np=\"\"\nq=``\nr=\"\"\"\"\"\"\n",
	"k=`a\nb`\nl=\"\"\"c\r\n\n d\"\"\"  ; e\nm=1\n",
	"\"a=b\"=1\n`c:d`=2\n\"\"\"e\"f\"\"\"=3\n-=4\n- = 5\n",
	"k=v\n; trailing\n\n# more",
	"; only a comment",
	"k=\"a\"b\"\nl=\"\nm='\nn=a'b'\n",
	"k=a=b:c\n",
	"[a.b]\nk=v\n[DEFAULT]\nk=v\n[a]b]\nk=v\n",
	"k=\xff\n[\xff]\n; \xff\nl=1\n",
	" \xc2\xa0k\xe2\x80\x83=\xe3\x80\x80v\xc2\x85\n",
};

START_TEST(ini__comes_back)
{
	check_round_trip(DOC_INI, ini_exact[_i], ini_exact[_i], true);
}
END_TEST

static const char *const ini_inexact[][2] = {
	{ "k=a \\\n  b\\\nc\n", "k=a bc\n" },
	{ "k=a\\", "k=a" },
	{ "k=a\\\n\nl=1\n", "k=a\n\nl=1\n" },
	{ "[a]  ; c\nk=v\n", "; c\n[a]\nk=v\n" },
	{ " [a] # c\r\nk=v\r\n", " ; c\r\n [a]\r\nk=v\r\n" },
};

START_TEST(ini__says_what_comes_back_otherwise)
{
	check_round_trip(DOC_INI, ini_inexact[_i][0], ini_inexact[_i][1], false);
}
END_TEST

static const struct {
	enum doc_format format;
	const char *text, *why;
} bad[] = {
	{ DOC_DOTENV, "A=1\nB\n", "line 2: neither" },
	{ DOC_DOTENV, "A=1\r\n\r\nB=2\r\n", "line 2: neither" },
	{ DOC_DOTENV, " # c\n", "line 1: neither" },
	{ DOC_DOTENV, "sops_mac=1\nsops_mac=2\n", "\"mac\" is there twice" },
	{ DOC_DOTENV, "sops_a=1\nsops_a__map_b=2\n", "is a value and has parts" },
	{ DOC_DOTENV, "sops_a__list_0=1\nsops_a__map_b=2\n", "is in a list that is a map" },
	{ DOC_DOTENV, "sops_a__list_1=1\n", "lacks an entry" },
	{ DOC_DOTENV, "sops_a__list_0=1\nsops_a__list_2=1\n", "lacks an entry" },
	{ DOC_DOTENV, "sops_a__list_-1=1\n", "lacks an entry" },
	{ DOC_DOTENV, "sops_a__list_99999999999999999999=1\n", "lacks an entry" },
	{ DOC_DOTENV, "sops_a__list_x=1\nsops_a__list_0=1\n", "twice" },
	{ DOC_INI, "k\n", "line 1: neither \"=\" nor \":\"" },
	{ DOC_INI, "a=1\n=v\n", "line 2: the key is missing" },
	{ DOC_INI, "\"\" = v\n", "the key is missing" },
	{ DOC_INI, "\"a = v\n", "the quote before the key" },
	{ DOC_INI, "`a` b\n", "neither \"=\" nor \":\"" },
	{ DOC_INI, "a = `b\n\n", "line 1: the quote before the value" },
	{ DOC_INI, "a = \"\"\"b\n\n", "line 1: the quote before the value" },
	{ DOC_INI, "a = \"\"\"", "line 1: the quote before the value" },
	{ DOC_INI, "a = \"\"\"b\n\"\"\" \\\n", "line 1: the quote before the value" },
	{ DOC_INI, "a = `b` ; c\n", "line 1: sops drops" },
	{ DOC_INI, "a = \"\"\"b\nc\"\"\" d\n", "line 1: sops drops" },
	{ DOC_INI, "\n[a\nk=v\n", "line 2: the bracket" },
	{ DOC_INI, "[]\n", "a section needs a name" },
	{ DOC_INI, "[a] b\n", "sops drops what stands behind the section" },
	{ DOC_INI, "[a]\nk=1\n[a]\nk=1\nk=2\n",
	  "line 5: the key \"k\" is there already, on line 4" },
	{ DOC_INI, "\xff\xfe[\0a", "UTF-16" },
	{ DOC_INI, "[sops]\nmac=1\n[a]\n[sops]\n", "line 4: there is another section \"sops\"" },
	{ DOC_INI, "[sops]\nmac=1\nmac=2\n", "\"mac\" is there twice" },
};

START_TEST(flat_parse__refuses)
{
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(parse_as(bad[_i].format, bad[_i].text, 0, &doc, &err) == -1, "%s",
		      bad[_i].text);
	ck_assert_msg(strstr(err.message, bad[_i].why) != NULL, "%s: %s", bad[_i].text,
		      err.message);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
}
END_TEST

/* --- The tree ---------------------------------------------------------------------------------- */

/* Kind, key and value of each node behind the root, as "section{key=value;#comment}". */
static void describe(const struct doc *doc, uint32_t container, struct secret *out)
{
	struct error err = ERROR_INIT;
	const struct doc_node *nodes = doc->nodes;

	for (uint32_t i = container + 1; i < nodes[container].next; i = nodes[i].next) {
		const bool is_scalar = nodes[i].kind == DOC_SCALAR;

		ck_assert_uint_eq(nodes[i].parent, container);
		if (nodes[i].kind == DOC_COMMENT)
			secret_of("#", out);
		else if (nodes[container].kind != DOC_LIST)
			ck_assert_int_eq(secret_append_span(out, doc_key(doc, i), &err), 0);
		if (nodes[i].kind == DOC_MAP || nodes[i].kind == DOC_LIST) {
			secret_of(nodes[i].kind == DOC_MAP ? "{" : "[", out);
			describe(doc, i, out);
			secret_of(nodes[i].kind == DOC_MAP ? "}" : "]", out);
			continue;
		}
		secret_of(is_scalar ? "=" : "", out);
		ck_assert_int_eq(secret_append_span(out, doc_value(doc, i), &err), 0);
		secret_of(nodes[i].type == DOC_TYPE_INT    ? "!i;"
			  : nodes[i].type == DOC_TYPE_BOOL ? "!b;"
							   : ";",
			  out);
	}
}

static const struct {
	enum doc_format format;
	const char *text, *tree;
} trees[] = {
	{ DOC_DOTENV, "# c\nA=1\n\nB=x\\ny\n", "# c;A=1;B=x\ny;" },
	{ DOC_DOTENV, "sops_b=2\nA=1\nsops_a__list_1__map_x=true\n#c\nsops_a__list_0__map_y=z\\n\n",
	  "A=1;#c;sops_{a[{y=z\n;}{x=true!b;}]b=2!i;}" },
	{ DOC_DOTENV,
	  "sops_a__list_10=k\nsops_a__list_2=c\nsops_a__list_9=j\nsops_a__list_0=a\n"
	  "sops_a__list_1=b\nsops_a__list_3=d\nsops_a__list_4=e\nsops_a__list_5=f\n"
	  "sops_a__list_6=g\nsops_a__list_7=h\nsops_a__list_8=i\n",
	  "sops_{a[=a;=b;=c;=d;=e;=f;=g;=h;=i;=j;=k;]}" },
	{ DOC_DOTENV, "sops_=1\nsops___map_=2\n", NULL },
	{ DOC_DOTENV, "sops_=1\n", "sops_{=1!i;}" },
	{ DOC_DOTENV, "sops___map_a=1\n", "sops_{{a=1!i;}}" },
	{ DOC_INI, "", "DEFAULT{}" },
	{ DOC_INI, "; a\n; b\nk=v ; c\n# d\n[s] # e\n", "DEFAULT{k=v;#a\n; b\n; c;}s{#d\n# e;}" },
	{ DOC_INI, "-=1\n-=2\n[s]\n-=3\n", "DEFAULT{#1=1;#2=2;}s{#1=3;}" },
	{ DOC_INI, "#\n# t\n#\nk=v\n", "DEFAULT{k=v;## t\n#;}" },
	{ DOC_INI, "k='a'\nl=\"b\nm=\"c\"d\"\n", "DEFAULT{k=a;l=\"b;m=\"c\"d\";}" },
	{ DOC_INI, "k=\"a;b\"\n", "DEFAULT{k=\"a;#b\";}" },
	{ DOC_INI, "k=a \\\n b \\\n\nl=1\n", "DEFAULT{k=a b ;l=1;}" },
	{ DOC_INI, "k=`a` b`\n", "DEFAULT{k=a` b;}" },
	{ DOC_INI, "l=\"\"\"a\n\"\"\" \\\nb\"\"\"\n", "DEFAULT{l=a\n\"\"\" \\\nb;}" },
	{ DOC_INI,
	  "[a]\nk=1\n; t\n\n[sops]\nmac=x\\ny\nb__map_c = \"\"\"p\nq\n\"\"\"\n; u\n[b]\nk=2\n",
	  "DEFAULT{}a{k=1;}#t;b{#u;k=2;}sops{b{c=p\nq\n;}mac=x\ny;}" },
};

START_TEST(flat_parse__makes_sops_tree)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(secret) tree = SECRET_INIT;
	struct error err = ERROR_INIT;

	if (!trees[_i].tree) {
		ck_assert_int_eq(parse_as(trees[_i].format, trees[_i].text, 0, &doc, &err), -1);
		return;
	}
	parse_well(trees[_i].format, trees[_i].text, &doc);
	describe(&doc, 1, &tree);
	check_text(secret_span(&tree), trees[_i].tree);
}
END_TEST

/* --- Edits ------------------------------------------------------------------------------------- */

static const struct {
	enum doc_format format;
	const char *before, *key;
	enum doc_type type;
	const char *value, *after; /* NULL: refused */
} sets[] = {
	{ DOC_DOTENV, "A=1\nB=2\n", "A", DOC_TYPE_STRING, "x\ny", "A=x\\ny\nB=2\n" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_FLOAT, "1", "A=1.0" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_FLOAT, "1234567.5", "A=1.2345675E+06" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_FLOAT, "-0.000015", "A=-1.5E-05" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_FLOAT, "1e21", "A=1E+21" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_FLOAT, "-0", "A=-0.0" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_FLOAT, "100000.25", "A=100000.25" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_FLOAT, "NaN", "A=NaN" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_BOOL, "True", "A=true" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_INT, "0031", "A=31" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_NULL, "", "A=<nil>" },
	{ DOC_DOTENV, "A=1", "A", DOC_TYPE_TIME, "2020-01-02T03:04:05.25+01:00",
	  "A=2020-01-02T03:04:05+01:00" },
	{ DOC_DOTENV, "sops_mac=1\nA=2\n", "mac", DOC_TYPE_STRING, "3", "sops_mac=3\nA=2\n" },
	{ DOC_INI, "k = v ; c\n", "k", DOC_TYPE_STRING, "w", "k = w ; c\n" },
	{ DOC_INI, "k = \"v\" ; c\n", "k", DOC_TYPE_STRING, "w", "k = \"w\" ; c\n" },
	{ DOC_INI, "k = \"v\"\n", "k", DOC_TYPE_STRING, "a\"b", "k = a\"b\n" },
	{ DOC_INI, "k = v\n", "k", DOC_TYPE_STRING, "a#b", "k = `a#b`\n" },
	{ DOC_INI, "k = v ; c\n", "k", DOC_TYPE_STRING, "a#b", "k = `a#b`\n ; c\n" },
	{ DOC_INI, "k = v ; c\n", "k", DOC_TYPE_STRING, "a\nb", "k = \"\"\"a\nb\"\"\"\n ; c\n" },
	{ DOC_INI, "k = `v\n` ; \"\n", "k", DOC_TYPE_STRING, "a\nb", "k = `a\nb` ; \"\n" },
	{ DOC_INI, "k = v\n", "k", DOC_TYPE_STRING, " a", "k = \" a\"\n" },
	{ DOC_INI, "k = v\n", "k", DOC_TYPE_STRING, "a\nb", "k = \"\"\"a\nb\"\"\"\n" },
	{ DOC_INI, "k = v\n", "k", DOC_TYPE_STRING, "C:\\", "k = \"C:\\\"\n" },
	{ DOC_INI, "k = v\n", "k", DOC_TYPE_STRING, "'a'", "k = \"'a'\"\n" },
	{ DOC_INI, "k = v\n", "k", DOC_TYPE_STRING, "\"\"\"\n`", NULL },
	{ DOC_INI, "k =\n", "k", DOC_TYPE_STRING, "v", "k = v\n" },
	{ DOC_INI, "k=\n", "k", DOC_TYPE_STRING, "v", "k=v\n" },
	{ DOC_INI, "k=", "k", DOC_TYPE_STRING, "v", "k=v" },
	{ DOC_INI, "k = ; c\n", "k", DOC_TYPE_STRING, "v", "k = v ; c\n" },
	{ DOC_INI, "k = v\n", "k", DOC_TYPE_STRING, "", "k = \n" },
	{ DOC_INI, "k = a \\\n b\nl=1\n", "k", DOC_TYPE_STRING, "v", "k = v\nl=1\n" },
	{ DOC_INI, "[s]\nk = v\n", "s", DOC_TYPE_STRING, "v", NULL },
	{ DOC_INI, "[sops]\nmac = x\na=1\n", "mac", DOC_TYPE_STRING, "p\nq",
	  "[sops]\nmac = p\\nq\na=1\n" },
};

START_TEST(flat_set__changes_that_value_alone)
{
	check_set(sets[_i].format, sets[_i].before, sets[_i].key, sets[_i].type, sets[_i].value,
		  sets[_i].after);
}
END_TEST

static void scalar_tree(const char *value, struct doc_tree *ret_tree)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(doc_tree_scalar(ret_tree, NULL, DOC_TYPE_STRING, span_of_text(value),
					 &err),
			 0);
}

static void map_tree(const char *key, const char *value, struct doc_tree *ret_tree)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(doc_tree_open_map(ret_tree, NULL, &err), 0);
	ck_assert_int_eq(doc_tree_scalar(ret_tree, key, DOC_TYPE_STRING, span_of_text(value), &err),
			 0);
	doc_tree_close(ret_tree);
}

static const struct {
	enum doc_format format;
	const char *before, *container; /* NULL: the root */
	const char *key;
	const char *inner; /* the value is a map with this key; NULL: a string */
	const char *after; /* NULL: refused */
} appends[] = {
	{ DOC_DOTENV, "", NULL, "N", NULL, "N=new\n" },
	{ DOC_DOTENV, "A=1\n", NULL, "N", NULL, "A=1\nN=new\n" },
	{ DOC_DOTENV, "A=1", NULL, "N", NULL, "A=1\nN=new" },
	{ DOC_DOTENV, "A=1\n\nsops_mac=1\n", NULL, "N", NULL, "A=1\nN=new\n\nsops_mac=1\n" },
	{ DOC_DOTENV, "sops_mac=1\nA=1\n", NULL, "N", NULL, "sops_mac=1\nA=1\nN=new\n" },
	{ DOC_DOTENV, "sops_mac=1\n", NULL, "N", NULL, "N=new\nsops_mac=1\n" },
	{ DOC_DOTENV, "A=1\n", NULL, "N", "x", NULL },
	{ DOC_DOTENV, "A=1\n", NULL, "sops_N", NULL, NULL },
	{ DOC_DOTENV, "A=1\n", NULL, "a=b", NULL, NULL },
	{ DOC_DOTENV, "A=1\n", NULL, "a\nb", NULL, NULL },
	{ DOC_DOTENV, "A=1\n", NULL, "#a", NULL, NULL },
	{ DOC_INI, "", "DEFAULT", "n", NULL, "n = new\n" },
	{ DOC_INI, "", NULL, "s", "n", "[s]\nn = new\n" },
	{ DOC_INI, "k=v\n[s]\nl=w\n\n; c\n[t]\n", "s", "n", NULL,
	  "k=v\n[s]\nl=w\nn=new\n\n; c\n[t]\n" },
	{ DOC_INI, "k=v\n[s]\nl=w\n\n; c\n[t]\n", "t", "n", NULL,
	  "k=v\n[s]\nl=w\n\n; c\n[t]\nn = new\n" },
	{ DOC_INI, "[s]\n", "DEFAULT", "n", NULL, "n = new\n[s]\n" },
	{ DOC_INI, "[s]\r\nk = v", "s", "n", NULL, "[s]\r\nk = v\r\nn = new" },
	{ DOC_INI, "[s]\nk = \"\"\"a\nb\"\"\" ; c\n", "s", "n", NULL,
	  "[s]\nk = \"\"\"a\nb\"\"\" ; c\nn = new\n" },
	{ DOC_INI, "[s]\nk=v\n\n[sops]\nmac=1\n", NULL, "t", "n",
	  "[s]\nk=v\n\n[t]\nn = new\n\n[sops]\nmac=1\n" },
	{ DOC_INI, "[s]\nk=v\n; end\n", NULL, "t", "n", "[s]\nk=v\n\n[t]\nn = new\n; end\n" },
	{ DOC_INI, "; only\n", NULL, "t", "n", "[t]\nn = new\n; only\n" },
	{ DOC_INI, "[s]\nk=v\n\n[sops]\nmac=1", NULL, "t", "n",
	  "[s]\nk=v\n\n[t]\nn = new\n\n[sops]\nmac=1" },
	{ DOC_INI, "[s]\nk=v\n", "s", "a=b", NULL, "[s]\nk=v\n`a=b`=new\n" },
	{ DOC_INI, "[s]\nk=v\n", "s", "#a", NULL, "[s]\nk=v\n`#a`=new\n" },
	{ DOC_INI, "k=a\\\n", "DEFAULT", "n", NULL, "k=a\\\n\nn=new\n" },
	{ DOC_INI, "[s]\nk=v\n", "s", "-", NULL, NULL },
	{ DOC_INI, "[s]\nk=v\n", "s", " a", NULL, NULL },
	{ DOC_INI, "[s]\nk=v\n", "s", "n", "x", NULL },
	{ DOC_INI, "[s]\nk=v\n", NULL, "n", NULL, NULL },
	{ DOC_INI, "[s]\nk=v\n", NULL, "sops", "n", NULL },
	{ DOC_INI, "[s]\nk=v\n", NULL, "a\nb", "n", NULL },
};

START_TEST(flat_append__adds_lines)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	int status;

	parse_well(appends[_i].format, appends[_i].before, &doc);
	if (appends[_i].inner)
		map_tree(appends[_i].inner, "new", &tree);
	else
		scalar_tree("new", &tree);
	ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
	status = doc_edit_append(&edit,
				 appends[_i].container ? find(&doc, appends[_i].container) : 1,
				 span_of_text(appends[_i].key), &tree, &err);
	ck_assert_msg((status == 0) == (appends[_i].after != NULL), "%s", err.message);
	if (status < 0)
		return;
	ck_assert_int_eq(doc_edit_finish(&edit, &text, &err), 0);
	check_text(secret_span(&text), appends[_i].after);
}
END_TEST

static const struct {
	enum doc_format format;
	const char *before, *key, *after;
} removals[] = {
	{ DOC_DOTENV, "A=1\n# c\nB=2\n", "A", "# c\nB=2\n" },
	{ DOC_DOTENV, "A=1\nB=2", "B", "A=1" },
	{ DOC_DOTENV, "A=1", "A", "" },
	{ DOC_DOTENV, "sops_a=1\nA=1\nsops_b=2", "sops_", "A=1" },
	{ DOC_DOTENV, "A=1\nsops_a=1\nsops_b=2", "sops_", "A=1" },
	{ DOC_DOTENV, "sops_a=1\nsops_b=2\n\n", "sops_", "\n" },
	{ DOC_INI, "[s]\n; c\n\n; d\nk=v ; e\n; f\nl=w\n", "k", "[s]\n\n; f\nl=w\n" },
	{ DOC_INI, "[s]\nk=\"\"\"a\nb\"\"\"\nl=w", "k", "[s]\nl=w" },
	{ DOC_INI, "[s]\nk=v\nl=w", "l", "[s]\nk=v" },
	{ DOC_INI, "a=1\n; c\n[s] ; d\nk=v\n[t]\nk=v\n", "s", "a=1\n[t]\nk=v\n" },
	{ DOC_INI, "a=1\n[s]\nk=v\n; trailing\n", "k", "a=1\n[s]\n; trailing\n" },
	{ DOC_INI, "[sops]\nmac=1\n\n[s]\nk=v\n", "sops", "\n[s]\nk=v\n" },
	{ DOC_INI, "[s]\nk=v\r\n\r\n[sops]\nmac=1", "sops", "[s]\nk=v" },
	{ DOC_INI, "\n[sops]\nmac=1\n", "sops", "" },
};

START_TEST(flat_remove__takes_lines_out)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	parse_well(removals[_i].format, removals[_i].before, &doc);
	ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
	ck_assert_int_eq(doc_edit_remove(&edit, find(&doc, removals[_i].key), &err), 0);
	ck_assert_int_eq(doc_edit_finish(&edit, &text, &err), 0);
	check_text(secret_span(&text), removals[_i].after);
}
END_TEST

/* As when recipients change: the metadata go and come in one edit, and nothing else moves. */
START_TEST(flat_metadata__can_be_renewed)
{
	static const struct {
		enum doc_format format;
		const char *text;
	} texts[] = { { DOC_DOTENV, "A=1\n" },   { DOC_DOTENV, "A=1" },   { DOC_DOTENV, "" },
		      { DOC_INI, "[s]\nk=v\n" }, { DOC_INI, "[s]\nk=v" }, { DOC_INI, "" },
		      { DOC_INI, "k=v\r\n" },    { DOC_INI, "\n" } };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const enum doc_format format = texts[i].format;
		AUTO(secret) sealed = SECRET_INIT;
		AUTO(secret) renewed = SECRET_INIT;
		AUTO(secret) text = SECRET_INIT;
		AUTO(doc) doc = DOC_INIT;
		AUTO(doc_edit) edit = DOC_EDIT_INIT;
		AUTO(doc_tree) metadata = DOC_TREE_INIT;
		struct error err = ERROR_INIT;
		uint32_t changed;
		bool is_exact;

		seal(format, texts[i].text, &sealed, &is_exact);
		ck_assert_int_eq(doc_parse(format, &sealed, 0, &doc, &err), 0);
		ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
		ck_assert_int_eq(fake_metadata(&metadata, &err), 0);
		ck_assert_int_eq(doc_edit_remove(&edit, doc_find_metadata(&doc, 1), &err), 0);
		ck_assert_int_eq(doc_edit_add_metadata(&edit, &metadata, 4, &changed, &err), 0);
		ck_assert_int_eq(doc_edit_finish(&edit, &renewed, &err), 0);
		open_again(format, &renewed, &text);
		check_text(secret_span(&text), texts[i].text);
	}
}
END_TEST

/* --- Spelling ---------------------------------------------------------------------------------- */

/* Whatever fits is read as itself: all texts of up to five of these characters. */
START_TEST(ini_fits__is_what_the_reader_reads)
{
	static const char letters[] = "a'\"`# \\\n";
	const size_t base = sizeof(letters);

	for (size_t n = 0; n < base * base * base * base * base; n++) {
		char value[8];
		size_t len = 0;

		for (size_t rest = n; rest > 0; rest /= base)
			if (rest % base < base - 1)
				value[len++] = letters[rest % base];
		for (enum ini_style style = INI_PLAIN; style < INI_JOINED; style++) {
			AUTO(secret) line = SECRET_INIT;
			AUTO(secret) joined = SECRET_INIT;
			struct error err = ERROR_INIT;
			struct ini_value read;
			const char *why, *lf;
			size_t end;

			if (!ini_fits(style, span_of(value, len)))
				continue;
			ck_assert_int_eq(ini_write_value(&line, style, span_of(value, len), &err),
					 0);
			secret_of("\n", &line);
			lf = memchr(line.data, '\n', line.len);
			end = (size_t)((const uint8_t *)lf + 1 - line.data);
			ck_assert_int_eq(ini_read_value(secret_span(&line), 0, end, &joined, &read,
							&why, &err),
					 0);
			ck_assert_ptr_null(why);
			ck_assert_uint_eq(read.next, line.len);
			ck_assert_msg(span_equal(span_slice(secret_span(&line), read.start,
							    read.end - read.start),
						 span_of(value, len)),
				      "%.*s", (int)len, value);
		}
	}
}
END_TEST

START_TEST(ini_emit__writes_as_sops)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(doc_tree_open_map(&tree, NULL, &err), 0);
	ck_assert_int_eq(doc_tree_open_map(&tree, "a", &err), 0);
	ck_assert_int_eq(doc_tree_scalar(&tree, "k", DOC_TYPE_FLOAT, SPAN_LITERAL("1"), &err), 0);
	ck_assert_int_eq(doc_tree_scalar(&tree, "l=m", DOC_TYPE_STRING, SPAN_LITERAL("x\ny"), &err),
			 0);
	ck_assert_int_eq(doc_tree_scalar(&tree, "empty", DOC_TYPE_STRING, SPAN_INIT, &err), 0);
	doc_tree_close(&tree);
	ck_assert_int_eq(doc_tree_open_map(&tree, "b", &err), 0);
	ck_assert_int_eq(doc_tree_scalar(&tree, "z", DOC_TYPE_BOOL, SPAN_LITERAL("true"), &err), 0);
	doc_tree_close(&tree);
	doc_tree_close(&tree);
	ck_assert_int_eq(doc_tree_emit(DOC_INI, &tree, 0, &text, &err), 0);
	check_text(secret_span(&text), "[a]\nk     = 1.0\n`l=m` = \"\"\"x\ny\"\"\"\nempty = \n\n"
				       "[b]\nz = true\n");
	ck_assert_int_eq(doc_tree_emit(DOC_DOTENV, &tree, 0, &text, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_DUMP);
}
END_TEST

/* --- Bad input --------------------------------------------------------------------------------- */

static const struct {
	enum doc_format format;
	const char *text;
} samples[] = {
	{ DOC_DOTENV, "# c\nA=a\\nb\n\n=x\r\nA=2" },
	{ DOC_INI,
	  "; a\n\n # b\nk = v ; c\n[s] ; d\nl = \"\"\"x\ny\"\"\" # e\nm = `z`\nn = 1\\\n2\n; t\n" },
};

/* Whatever is made of a document, it is read without harm, and what is read can be sealed and opened. */
static void check_any(enum doc_format format, struct span text)
{
	AUTO(secret) copy = SECRET_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) opened = SECRET_INIT;
	struct error err = ERROR_INIT;
	bool is_exact;

	ck_assert_int_eq(secret_append_span(&copy, text, &err), 0);
	if (fake_seal_as(format, &copy, &sealed, &is_exact, &err) < 0) {
		ck_assert_int_ne(err.kind, ERROR_NONE);
		ck_assert_int_ne(err.kind, ERROR_BUG);
		return;
	}
	open_again(format, &sealed, &opened);
	if (is_exact)
		ck_assert(span_equal(secret_span(&opened), text));
}

START_TEST(flat_parse__takes_any_cut_and_flip)
{
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	const enum doc_format format = samples[_i].format;
	bool is_exact;

	secret_of(samples[_i].text, &text);
	seal(format, samples[_i].text, &sealed, &is_exact);
	for (size_t len = 0; len <= text.len; len++)
		check_any(format, span_slice(secret_span(&text), 0, len));
	for (size_t bit = 0; bit < text.len * 8; bit += stride(1)) {
		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		check_any(format, secret_span(&text));
		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t bit = 0; bit < sealed.len * 8; bit += stride(1)) {
		AUTO(secret) copy = SECRET_INIT;
		AUTO(secret) opened = SECRET_INIT;
		struct error err = ERROR_INIT;

		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(secret_append_span(&copy, secret_span(&sealed), &err), 0);
		if (fake_open_as(format, &copy, &opened, &err) < 0)
			ck_assert_int_ne(err.kind, ERROR_BUG);
		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

static int seal_and_open(enum doc_format format, const char *text, struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) opened = SECRET_INIT;
	bool is_exact;

	return secret_append_text(&plain, text, err) < 0 ||
			       fake_seal_as(format, &plain, &sealed, &is_exact, err) < 0 ||
			       fake_open_as(format, &sealed, &opened, err) < 0
		       ? -1
		       : 0;
}

START_TEST(flat__without_memory)
{
	struct error err = ERROR_INIT;

	SWEEP(seal_and_open(samples[_i].format, samples[_i].text, &err));
}
END_TEST

static int parse_key_of(size_t len, const char *part, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;

	secret_of("sops_a", &text);
	while (text.len < len)
		secret_of(part, &text);
	secret_of("=1\n", &text);
	return doc_parse(DOC_DOTENV, &text, 0, &doc, err);
}

START_TEST(flat_metadata__have_limits)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(parse_key_of(FLAT_KEY_MAX + 5, "b", &err), 0);
	ck_assert_int_eq(parse_key_of(FLAT_KEY_MAX + 6, "b", &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	ck_assert_int_eq(parse_key_of(6 + 6 * (FLAT_DEPTH_MAX - 1), "__map_", &err), 0);
	ck_assert_int_eq(parse_key_of(6 + 6 * FLAT_DEPTH_MAX, "__map_", &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

#define LEN(array) ((int)(sizeof(array) / sizeof(*(array))))

Suite *suite(void)
{
	Suite *s = suite_create("doc_flat");
	TCase *tc = tcase_create("flat");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, dotenv__comes_back, 0, LEN(env_exact));
	tcase_add_loop_test(tc, ini__comes_back, 0, LEN(ini_exact));
	tcase_add_loop_test(tc, ini__says_what_comes_back_otherwise, 0, LEN(ini_inexact));
	tcase_add_loop_test(tc, flat_parse__refuses, 0, LEN(bad));
	tcase_add_loop_test(tc, flat_parse__makes_sops_tree, 0, LEN(trees));
	tcase_add_loop_test(tc, flat_set__changes_that_value_alone, 0, LEN(sets));
	tcase_add_loop_test(tc, flat_append__adds_lines, 0, LEN(appends));
	tcase_add_loop_test(tc, flat_remove__takes_lines_out, 0, LEN(removals));
	tcase_add_test(tc, flat_metadata__can_be_renewed);
	tcase_add_test(tc, ini_fits__is_what_the_reader_reads);
	tcase_add_test(tc, ini_emit__writes_as_sops);
	tcase_add_loop_test(tc, flat_parse__takes_any_cut_and_flip, 0, LEN(samples));
	tcase_add_loop_test(tc, flat__without_memory, 0, LEN(samples));
	tcase_add_test(tc, flat_metadata__have_limits);
	suite_add_tcase(s, tc);
	return s;
}
