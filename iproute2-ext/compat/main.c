// SPDX-License-Identifier: GPL-2.0
/*
 * The standalone client: ip-bfd [ OPTIONS ] COMMAND, where COMMAND is what would
 * follow `ip bfd`.  In a batch each line is such a COMMAND.  It holds nothing but
 * main(): the commands are in ../ipbfd.c.
 */
#include "ip_common.h"
#include "options.h"
#include "utils.h"

static void help(void)
{
	char word[] = "help";
	char *argv[] = {word, NULL};

	do_ipbfd(1, argv);
	exit(-1);
}

static int batch_command(int argc, char *argv[], void *family)
{
	preferred_family = *(const int *)family;
	return do_ipbfd(argc, argv);
}

int main(int argc, char **argv)
{
	const char *batch;
	int words = parse_options(argc, argv, &batch, help);
	int family = preferred_family;

	if (batch) {
		batch_mode = 1;
		return do_batch(batch, force, batch_command, &family);
	}
	return -do_ipbfd(argc - words, argv + words);
}
