/* A double of powershell.exe for the scripts that acs-env gives it: logs the arguments as they are, so that a test can
   decode and judge them. One that asks for all names gets a line for each string value of the user environment. Of the
   others the variable is the one between the first two single quotes behind "SetEnvironmentVariable(", or behind the
   key: where $null follows it goes away, otherwise one line of base64 (UTF-16LE) is read from standard input and stored,
   as REG_SZ or, behind the key, as REG_EXPAND_SZ. */
#include "double.h"
#include <wincrypt.h>

static int decode(const char *text, void *bytes, DWORD size) {
  if (!CryptStringToBinaryA(text, 0, CRYPT_STRING_BASE64, bytes, &size, NULL, NULL)) return -1;
  return (int)size;
}

static void print_base64(const wchar_t *text, DWORD characters) {
  static char encoded[131072];
  DWORD size = sizeof encoded;
  encoded[0] = 0;
  CryptBinaryToStringA((const BYTE *)text, characters * sizeof(wchar_t), CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, encoded,
                       &size);
  printf(" %s", characters ? encoded : "");
}

static int print_all(void) {
  static wchar_t name[16384], value[32768];
  DWORD index, count = 0;
  HKEY key;
  if (RegOpenKeyExW(HKEY_CURRENT_USER, L"Environment", 0, KEY_READ, &key)) return 1;
  for (index = 0;; index += 1) {
    DWORD length = 16384, size = sizeof value - sizeof(wchar_t), type;
    LONG result = RegEnumValueW(key, index, name, &length, NULL, &type, (BYTE *)value, &size);
    if (result == ERROR_NO_MORE_ITEMS) break;
    if (result) return 1;
    if (type != REG_SZ && type != REG_EXPAND_SZ) continue;
    value[size / sizeof(wchar_t)] = 0;
    fputs(type == REG_SZ ? "String" : "ExpandString", stdout);
    print_base64(name, length);
    print_base64(value, wcslen(value));
    puts("\r");
    count += 1;
  }
  printf("end %lu\r\n", count);
  return 0;
}

int wmain(int argc, wchar_t **argv) {
  static wchar_t line[32768], script[16384], value[32768];
  static char encoded[32768], input[131072];
  wchar_t mood[32], *name, *end;
  int length, index;
  DWORD type = REG_SZ;
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
  if (wcsstr(script, L".GetValueNames()")) return print_all();
  name = wcsstr(script, L"SetEnvironmentVariable('");
  if (name) name += 24;
  else if ((name = wcsstr(script, L"'HKEY_CURRENT_USER\\Environment', '"))) {
    name += 34;
    type = REG_EXPAND_SZ;
  }
  if (!name || !(end = wcschr(name, L'\''))) return 1;
  *end = 0;
  if (wcsstr(end + 1, L"$null,")) return RegDeleteKeyValueW(HKEY_CURRENT_USER, L"Environment", name) ? 1 : 0;
  if (!fgets(input, sizeof input, stdin)) return 1;
  length = decode(input, value, sizeof value - 2);
  if (length <= 0) return 1;
  value[length / 2] = 0;
  if (!wcscmp(mood, L"garble")) value[0] = L'?';
  if (store(name, value, type)) return 1;
  if (!wcscmp(mood, L"slow")) Sleep(60000);
  return 0;
}
