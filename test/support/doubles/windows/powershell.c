/* A double of powershell.exe for the two scripts that acs-env gives it: logs the arguments as they are, so that a test
   can decode and judge them. The variable is the one between the first two single quotes behind
   "SetEnvironmentVariable(": where $null follows it goes away, otherwise one line of base64 (UTF-16LE) is read from
   standard input and stored as REG_SZ. */
#include "double.h"
#include <wincrypt.h>

static int decode(const char *text, void *bytes, DWORD size) {
  if (!CryptStringToBinaryA(text, 0, CRYPT_STRING_BASE64, bytes, &size, NULL, NULL)) return -1;
  return (int)size;
}

int wmain(int argc, wchar_t **argv) {
  static wchar_t line[32768], script[16384], value[32768];
  static char encoded[32768], input[131072];
  wchar_t mood[32], *name, *end;
  int length, index;
  wcscpy(line, L"powershell");
  for (index = 1; index < argc; index += 1) {
    wcscat(line, L" ");
    wcscat(line, argv[index]);
  }
  log_line(line);
  read_mood(L"powershell", mood, 32);
  if (!wcscmp(mood, L"stub")) return 0;
  if (!wcscmp(mood, L"denied")) return 1;
  if (!wcscmp(mood, L"hang")) Sleep(60000);
  WideCharToMultiByte(CP_UTF8, 0, argv[argc - 1], -1, encoded, sizeof encoded, NULL, NULL);
  if (decode(encoded, script, sizeof script - 2) < 0) return 1;
  name = wcsstr(script, L"SetEnvironmentVariable('");
  if (!name || !(end = wcschr(name += 24, L'\''))) return 1;
  *end = 0;
  if (wcsstr(end + 1, L"$null,")) return RegDeleteKeyValueW(HKEY_CURRENT_USER, L"Environment", name) ? 1 : 0;
  if (!fgets(input, sizeof input, stdin)) return 1;
  length = decode(input, value, sizeof value - 2);
  if (length <= 0) return 1;
  value[length / 2] = 0;
  if (!wcscmp(mood, L"garble")) value[0] = L'?';
  if (store(name, value, REG_SZ)) return 1;
  if (!wcscmp(mood, L"slow")) Sleep(60000);
  return 0;
}
