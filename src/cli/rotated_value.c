/* SPDX-License-Identifier: MIT */
#include "cli/rotated_value.h"

#include "util/text.h"

/* No reload changes the environment of a process. */
static int check_is_reread(const char *key, const struct single_place *place, struct error *err)
{
	if (place->in_document || place->in_file)
		return 0;
	error_set(err, ERROR_UNSUPPORTED,
		  "\"%s\" is delivered in an environment alone, which a running gateway keeps",
		  text_printable_text(key).text);
	return error_hint(err,
			  "\"bootseal set\" in \"%s\", \"bootseal activate\", and restart the "
			  "gateway",
			  text_printable_text(place->file).text);
}

int rotated_check_ways(const char *key, const struct single_place *place, struct error *err)
{
	if (check_is_reread(key, place, err) < 0)
		return -1;
	if (place->units.len > 0 || (place->in_generation && place->told.len == 0))
		return 0;
	error_set(err, ERROR_UNSUPPORTED,
		  "\"%s\" comes to its services by a restart: of \"%s\", for one",
		  text_printable_text(key).text, text_printable_text(place->told.items[0]).text);
	return error_hint(err, "give it \"lifetime: until-ready\", or no \"restart\" and "
			       "\"reload\": the gateway is told by this command");
}

/* An API key goes to its provider in a header of HTTP. Its line break is none of it. */
int rotated_check_value(struct span value, struct error *err)
{
	if (span_ends_with(value, "\n"))
		value = span_slice(value, 0, value.len - 1);
	if (span_trim(value).len == 0)
		return error_set(err, ERROR_USAGE, "there is no value on stdin");
	if (span_trim(value).len < value.len)
		return error_set(err, ERROR_USAGE,
				 "the value on stdin begins or ends with white space");
	for (size_t i = 0; i < value.len; i++)
		if ((value.data[i] < ' ' && value.data[i] != '\t') || value.data[i] == 0x7f) {
			error_set(err, ERROR_USAGE,
				  "the value on stdin is no API key: it has %s in it",
				  value.data[i] == '\n' ? "a line break" : "a control character");
			return error_hint(err, "any other value: \"bootseal set\", \"bootseal "
					       "activate\", and restart the gateway");
		}
	return 0;
}
