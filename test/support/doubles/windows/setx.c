/* A double of setx.exe: cuts at 1024 characters with a warning on standard output and exit code 0, stores REG_EXPAND_SZ
   where there is a "%", takes what begins with "/" for an option. Its moods are in the switch below. */
#include "double.h"

#define LIMIT 1024

int wmain(int argc, wchar_t **argv) {
  static wchar_t line[256], value[32768];
  wchar_t mood[32];
  if (argc != 3 || argv[1][0] == L'/' || argv[2][0] == L'/' || argv[2][0] == 0) {
    fputs("ERROR: Invalid syntax.\r\nType \"SETX /?\" for usage.\r\n", stderr);
    return 1;
  }
  swprintf(line, 256, L"setx %ls %u", argv[1], (unsigned)wcslen(argv[2]));
  log_line(line);
  read_mood(L"setx", mood, 32);
  if (!wcscmp(mood, L"stub")) return 0;
  if (!wcscmp(mood, L"denied")) {
    fputs("ERROR: Access to the registry path is denied.\r\n", stderr);
    return 1;
  }
  if (!wcscmp(mood, L"hang")) Sleep(60000);
  if (!wcscmp(mood, L"unhurried")) Sleep(1000);
  wcsncpy(value, argv[2], 32767);
  if (!wcscmp(mood, L"silent-truncate")) value[20] = 0;
  if (!wcscmp(mood, L"garble")) value[wcslen(value) - 1] = L'?';
  if (wcslen(value) > LIMIT) {
    value[LIMIT] = 0;
    puts("\r\nWARNING: The data being saved is truncated to 1024 characters.");
  }
  if (store(argv[1], value, wcschr(value, L'%') ? REG_EXPAND_SZ : REG_SZ)) return 1;
  if (!wcscmp(mood, L"slow")) Sleep(60000);
  puts("\r\nSUCCESS: Specified value was saved.");
  return 0;
}
