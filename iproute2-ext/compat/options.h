/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iproute2's global options, those before the object, for both of our programs.
 */
#ifndef IPBFD_COMPAT_OPTIONS_H
#define IPBFD_COMPAT_OPTIONS_H

/* Consumes the options at the head of the argv that begins with the program's name, and sets
 * the globals of utils.h.  -n enters the namespace at once.  *batch is the file of -b, or
 * NULL.  Returns how many words are consumed, with the program's name.  Wrong ones end the
 * program with status 255, as does -help, by help().
 */
int parse_options(int argc, char **argv, const char **batch, void (*help)(void));

/* The same walk without any effect: the index of the first word that is no option.  An
 * unknown option is taken for one without a value.  *batch is the index of -b's file, 0: none.
 */
int skip_options(int argc, char *const *argv, int *batch);

#endif /* IPBFD_COMPAT_OPTIONS_H */
