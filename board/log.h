// SPDX-License-Identifier: MIT
// The log: lines of text on UART0 (GP0, 115200 8N1), each with the time since boot in front. Lines are kept in a ring and
// leave as the UART takes them: 87 us an octet is longer than a frame can wait. What does not fit is cut, and said so.
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

/** UART0 and its pin. */
void log_start(void);

/** Begin a line. */
void log_line(void);

void log_text(const char *text);
void log_number(uint32_t number);
void log_hex(uint32_t number, uint32_t digits);

/** End the line. */
void log_end(void);

/** A whole line. */
void log_say(const char *text);

/** Hand the UART what it has room for. Whether more is waiting. */
bool log_drain(void);

/** Wait until all has left. */
void log_flush(void);

#endif
