// SPDX-License-Identifier: GPL-2.0
/*
 * A front for `ip`: the object "bfd", with any global options before it, is
 * handled here; everything else is executed by the distribution's `ip` with its
 * arguments unchanged, in place of this process.
 *
 * A batch without a line of `bfd` goes to the distribution's `ip` as a whole. In
 * one that has such lines, they are handled here and each of the others is run by
 * an `ip` of its own; order, messages and exit status are those of one `ip`.
 * Only the full word "bfd" counts, so no abbreviation changes its meaning.  `ip help`
 * mentions it before the distribution's `ip` says the rest.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ip_common.h"
#include "options.h"
#include "utils.h"

/* Fronts that were passed on the way, as "dev:inode" each, so that two of them on PATH
 * don't call each other for ever.
 */
#define PASSED_VARIABLE "IPBFD_FRONTS_PASSED"

static int not_found(void)
{
	fprintf(stderr, "Error: the distribution's \"ip\" is neither on PATH nor in /usr/sbin, "
			"/sbin, /usr/bin or /bin.\n");
	return 127;
}

static void describe_file(const struct stat *file, char *text, size_t size)
{
	snprintf(text, size, ":%llx.%llx:", (unsigned long long)file->st_dev,
		 (unsigned long long)file->st_ino);
}

/* Add this program to those that were passed; the list is good for the children too. */
static void mark_passed(void)
{
	const char *passed = getenv(PASSED_VARIABLE);
	char list[1024];
	char self[64];
	struct stat file;

	if (stat("/proc/self/exe", &file))
		return;
	describe_file(&file, self, sizeof(self));
	if (passed && strstr(passed, self))
		return;
	snprintf(list, sizeof(list), "%s%s", passed ? passed : "", self);
	setenv(PASSED_VARIABLE, list, 1);
}

static bool is_other_ip(const char *path)
{
	const char *passed = getenv(PASSED_VARIABLE);
	char name[64];
	struct stat file;

	if (access(path, X_OK) || stat(path, &file) || !S_ISREG(file.st_mode))
		return false;
	describe_file(&file, name, sizeof(name));
	return !passed || !strstr(passed, name);
}

/* The distribution's `ip`; false: there is none. */
static bool find_ip(char path[PATH_MAX])
{
	static const char standard[] = "/usr/sbin:/sbin:/usr/bin:/bin";
	const char *lists[] = {getenv("PATH"), standard};
	size_t i;

	mark_passed();
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		const char *directory = lists[i];

		while (directory && *directory) {
			int length = strcspn(directory, ":");

			snprintf(path, PATH_MAX, "%.*s/ip", length, directory);
			if (length && is_other_ip(path))
				return true;
			directory += length + (directory[length] == ':');
		}
	}
	return false;
}

/* Doesn't return if it can be helped. */
static int execute_ip(char **argv)
{
	char path[PATH_MAX];

	if (!find_ip(path))
		return not_found();
	execv(path, argv);
	fprintf(stderr, "Error: cannot execute \"%s\": %s.\n", path, strerror(errno));
	return 126;
}

/* The global options, for the lines of a batch. */
struct batch_context {
	int count; /* with the program's name, without -batch */
	char *words[MAX_ARGS];
	int family;
};

static int run_line(int argc, char *argv[], void *user)
{
	struct batch_context *context = user;
	char *words[2 * MAX_ARGS + 1];
	int status;
	pid_t child;

	if (!strcmp(argv[0], "bfd")) {
		preferred_family = context->family;
		return do_ipbfd(argc - 1, argv + 1);
	}
	memcpy(words, context->words, context->count * sizeof(*words));
	memcpy(words + context->count, argv, (argc + 1) * sizeof(*words));
	fflush(stdout);
	child = fork();
	if (child < 0) {
		fprintf(stderr, "Error: cannot fork: %s.\n", strerror(errno));
		return -1;
	}
	if (!child) {
		/* The batch may be our standard input; it is none of the child's business.  Not by
		 * stdio, which would move the position in the file for its parent too.
		 */
		int nothing = open("/dev/null", O_RDONLY);

		if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0)
			_exit(126);
		_exit(execute_ip(words));
	}
	if (waitpid(child, &status, 0) < 0)
		return -1;
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

/* Make standard input a file that can be read twice, of what in still has; false: it can't be. */
static bool buffer_as_stdin(int in)
{
	int copy = memfd_create("batch", 0);
	char part[65536];
	ssize_t length;

	if (copy < 0)
		return false;
	while ((length = read(in, part, sizeof(part))) > 0)
		if (write(copy, part, length) != length)
			return false;
	return !length && !lseek(copy, 0, SEEK_SET) && dup2(copy, STDIN_FILENO) == STDIN_FILENO;
}

/*
 * A batch is read twice: here for the word bfd, then by whoever runs it.  What can be read only
 * once becomes standard input, and in messages too.  False: it can't be read.
 */
static bool make_rereadable(char **name)
{
	static char standard_input[] = "-";
	bool buffered;
	struct stat file;
	int in;

	if (!strcmp(*name, "-"))
		return buffer_as_stdin(STDIN_FILENO);
	/* `ip` says what is wrong with one that isn't there, or a directory. */
	if (stat(*name, &file) || S_ISREG(file.st_mode) || S_ISDIR(file.st_mode))
		return true;
	in = open(*name, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return true;
	buffered = buffer_as_stdin(in);
	close(in);
	if (buffered)
		*name = standard_input;
	return buffered;
}

/* True if a line of the file (NULL: standard input) begins with the word bfd. */
static bool batch_has_bfd(const char *file)
{
	FILE *in = file ? fopen(file, "re") : fdopen(dup(STDIN_FILENO), "r");
	bool found = false;
	char *argv[MAX_ARGS];
	char *line = NULL;
	size_t size = 0;

	if (!in)
		return false; /* `ip` says what is wrong with it */
	while (!found && getcmdline(&line, &size, in) >= 0)
		found = makeargs(line, argv, MAX_ARGS) > 0 && !strcmp(argv[0], "bfd");
	free(line);
	fclose(in);
	if (!file)
		lseek(STDIN_FILENO, 0, SEEK_SET);
	return found;
}

static void help(void)
{
	char word[] = "help";
	char *argv[] = {word, NULL};

	do_ipbfd(1, argv);
}

/* batch is the index of its file's name; words how many there are before the object. */
static int run_batch(int argc, char **argv, int words, int batch)
{
	struct batch_context context = {.count = 0};
	const char *name;
	int i;

	for (i = 0; i < words && context.count < MAX_ARGS - 1; i++)
		if (i != batch && i + 1 != batch)
			context.words[context.count++] = argv[i];
	parse_options(argc, argv, &name, help);
	context.family = preferred_family;
	batch_mode = 1;
	return do_batch(name, force, run_line, &context);
}

int main(int argc, char **argv)
{
	const char *batch_name;
	int batch;
	int words = skip_options(argc, argv, &batch);

	if (batch) {
		if (!make_rereadable(&argv[batch])) {
			fprintf(stderr, "Error: cannot read the batch from %s.\n",
				strcmp(argv[batch], "-") ? argv[batch] : "standard input");
			return EXIT_FAILURE;
		}
		if (batch_has_bfd(strcmp(argv[batch], "-") ? argv[batch] : NULL))
			return run_batch(argc, argv, words, batch);
	} else if (words + 1 == argc && !strcmp(argv[words], "help")) {
		/* The distribution's own list of objects follows. */
		fprintf(stderr, "This ip has the object bfd too, see \"ip bfd help\".\n");
	} else if (words < argc && !strcmp(argv[words], "bfd")) {
		words = parse_options(argc, argv, &batch_name, help);
		return -do_ipbfd(argc - words - 1, argv + words + 1);
	}
	return execute_ip(argv);
}
