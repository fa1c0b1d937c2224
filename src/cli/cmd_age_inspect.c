/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "age/inspect.h"
#include "cli/age_io.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "util/text.h"

#define FORMAT_VERSION "age-encryption.org/v1"

struct inspect_options {
	bool json, version;
};

/* In double quotes. A stanza's type is printable ASCII; the escapes for JSON are those of age-inspect. */
static void print_quoted(struct span text, bool json)
{
	putchar('"');
	for (size_t i = 0; i < text.len; i++) {
		const char c = (char)text.data[i];

		if (json && (c == '<' || c == '>' || c == '&'))
			printf("\\u%04x", (unsigned)c);
		else
			printf("%s%c", c == '"' || c == '\\' ? "\\" : "", c);
	}
	putchar('"');
}

static void print_json(const struct age_inspection *inspection)
{
	static const char *const words[] = { "unknown", "no", "yes" };
	struct span types = buf_span(&inspection->types), type;
	bool first = true;

	printf("{\n    \"version\": \"" FORMAT_VERSION "\",\n    \"postquantum\": \"%s\",\n"
	       "    \"armor\": %s,\n    \"stanza_types\": ",
	       words[inspection->post_quantum], inspection->armored ? "true" : "false");
	while (span_take_line(&types, &type)) {
		fputs(first ? "[\n        " : ",\n        ", stdout);
		print_quoted(type, true);
		first = false;
	}
	fputs(first ? "null" : "\n    ]", stdout);
	printf(",\n    \"sizes\": {\n        \"header\": %" PRIu64 ",\n        \"armor\": %" PRIu64
	       ",\n        \"overhead\": %" PRIu64 ",\n        \"min_payload\": %" PRIu64
	       ",\n        \"max_payload\": %" PRIu64
	       ",\n        \"min_padding\": 0,\n        \"max_padding\": 0\n    }\n}\n",
	       inspection->header, inspection->armor, inspection->overhead, inspection->payload,
	       inspection->payload);
}

static void print_size(const char *what, uint64_t bytes)
{
	printf("    %-19s %12" PRIu64 " bytes\n", what, bytes);
}

static void print_text(const char *name, const struct age_inspection *inspection)
{
	struct span types = buf_span(&inspection->types), type;

	printf("%s is an age file, version \"" FORMAT_VERSION "\".\n\n", name);
	if (inspection->armored)
		puts("This file is ASCII-armored.\n");
	puts("This file is encrypted to the following recipient types:");
	while (span_take_line(&types, &type)) {
		fputs("  - ", stdout);
		print_quoted(type, false);
		putchar('\n');
	}
	putchar('\n');
	if (inspection->post_quantum == AGE_POST_QUANTUM_YES)
		puts("This file uses post-quantum encryption.\n");
	if (inspection->post_quantum == AGE_POST_QUANTUM_NO)
		puts("This file does NOT use post-quantum encryption.\n");
	puts("Size breakdown (assuming it decrypts successfully):\n");
	print_size("Header", inspection->header);
	if (inspection->armored)
		print_size("Armor overhead", inspection->armor);
	print_size("Encryption overhead", inspection->overhead);
	print_size("Payload", inspection->payload);
	puts("                        -------------------");
	print_size("Total", inspection->header + inspection->armor + inspection->overhead +
				    inspection->payload);
	puts("\nTip: for machine-readable output, use --json.");
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct inspect_options *options = invocation->options;
	const char *file = invocation->args[0];
	AUTO(age_io_input) input = AGE_IO_INPUT_INIT;
	AUTO(age_inspection) inspection = AGE_INSPECTION_INIT;
	AUTO(output) output = OUTPUT_INIT;
	const struct age_source source = { age_io_read, &input };

	if (options->version) {
		puts(invocation->version);
		return 0;
	}
	if (age_io_open(file, true, &input, err) < 0 ||
	    output_open(NULL, OUTPUT_PUBLIC, &output, err) < 0 || output_sandbox(&output, err) < 0)
		return -1;
	if (age_inspect(&source, &inspection, err) < 0)
		return error_wrap(err, "cannot inspect \"%s\"",
				  text_printable_text(input_name(file)).text);
	if (inspection.refused.kind != ERROR_NONE)
		fprintf(stderr, "bootseal: warning: no key opens \"%s\": %s\n",
			text_printable_text(input_name(file)).text, inspection.refused.message);
	if (options->json)
		print_json(&inspection);
	else
		print_text(file ? text_printable_text(file).text : "<stdin>", &inspection);
	return 0;
}

#define FIELD(name) offsetof(struct inspect_options, name)

static const struct option_spec inspect_options[] = {
	{ "json", 0, NULL, "print JSON", OPTION_FLAG, FIELD(json) },
	{ "version", 0, NULL, "print the version", OPTION_FLAG, FIELD(version) },
	{ .name = NULL },
};

const struct command cmd_age_inspect = {
	.name = "age-inspect",
	.group = "keys",
	.summary = "tell what an age file is sealed to, and its sizes",
	.synopsis = "[--json] [FILE]",
	.example = "bootseal age-inspect data.tar.age",
	.options = inspect_options,
	.options_size = sizeof(struct inspect_options),
	.max_args = 1,
	.one_dash = true,
	.run = run,
};
