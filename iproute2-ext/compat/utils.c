// SPDX-License-Identifier: GPL-2.0
/*
 * Arguments, their errors, and batches, as in iproute2.  It must not know BFD.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "utils.h"

int cmdlineno;

void incomplete_command(void)
{
	fprintf(stderr, "Command line is not complete. Try option \"help\"\n");
	exit(-1);
}

void missarg(const char *key)
{
	fprintf(stderr, "Error: argument \"%s\" is required\n", key);
	exit(-1);
}

void invarg(const char *msg, const char *arg)
{
	fprintf(stderr, "Error: argument \"%s\" is wrong: %s\n", arg, msg);
	exit(-1);
}

void duparg(const char *key, const char *arg)
{
	fprintf(stderr, "Error: duplicate \"%s\": \"%s\" is the second value.\n", key, arg);
	exit(-1);
}

int nodev(const char *dev)
{
	fprintf(stderr, "Cannot find device \"%s\"\n", dev);
	return -1;
}

bool matches(const char *prefix, const char *string)
{
	return strncmp(prefix, string, strlen(prefix)) != 0;
}

int get_u32(uint32_t *val, const char *arg, int base)
{
	unsigned long number;
	char *end;

	if (!*arg || strchr(arg, '-'))
		return -1;
	errno = 0;
	number = strtoul(arg, &end, base);
	if (errno || *end || number > UINT32_MAX)
		return -1;
	*val = number;
	return 0;
}

static void cut_comment(char *line)
{
	line[strcspn(line, "#")] = '\0';
}

ssize_t getcmdline(char **line, size_t *len, FILE *in)
{
	char *more = NULL;
	size_t more_size = 0;
	char *joint;

	if (getline(line, len, in) < 0)
		return -1;
	cmdlineno++;
	cut_comment(*line);

	while ((joint = strstr(*line, "\\\n"))) {
		char *joined;

		if (getline(&more, &more_size, in) < 0) {
			fprintf(stderr, "Missing continuation line\n");
			free(more);
			return -1;
		}
		cmdlineno++;
		cut_comment(more);
		*joint = '\0';
		if (asprintf(&joined, "%s%s", *line, more) < 0) {
			fprintf(stderr, "Out of memory\n");
			free(more);
			return -1;
		}
		free(*line);
		*line = joined;
		*len = strlen(joined) + 1;
	}
	free(more);
	return strlen(*line);
}

int makeargs(char *line, char *argv[], int maxargs)
{
	static const char white[] = " \t\r\n";
	int argc = 0;

	for (line += strspn(line, white); *line; line += strspn(line, white)) {
		char quote = *line == '"' || *line == '\'' ? *line++ : '\0';
		size_t length;

		if (argc == maxargs - 1) {
			fprintf(stderr, "Too many arguments to command\n");
			exit(1);
		}
		argv[argc++] = line;
		length = quote ? strcspn(line, (char[]){quote, '\0'}) : strcspn(line, white);
		if (quote && !line[length]) {
			fprintf(stderr, "Unterminated quoted string\n");
			exit(1);
		}
		line += length;
		if (*line)
			*line++ = '\0';
	}
	argv[argc] = NULL;
	return argc;
}

int do_batch(const char *name, bool keep_going, int (*cmd)(int argc, char *argv[], void *user),
	     void *user)
{
	int status = EXIT_SUCCESS;
	char *argv[MAX_ARGS];
	char *line = NULL;
	size_t len = 0;

	if (strcmp(name, "-") && !freopen(name, "r", stdin)) {
		fprintf(stderr, "Cannot open file \"%s\" for reading: %s\n", name, strerror(errno));
		return EXIT_FAILURE;
	}
	cmdlineno = 0;
	while (getcmdline(&line, &len, stdin) >= 0) {
		int argc = makeargs(line, argv, MAX_ARGS);

		if (!argc || !cmd(argc, argv, user))
			continue;
		fprintf(stderr, "Command failed %s:%d\n", name, cmdlineno);
		status = EXIT_FAILURE;
		if (!keep_going)
			break;
	}
	free(line);
	return status;
}
