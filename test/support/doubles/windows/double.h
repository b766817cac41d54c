/* What the doubles of Windows programs share. They are started by the program under test, so a test tells them how to
   behave in the registry, and they tell the test in a log how they were called: never with a value in it. */
#include <stdio.h>
#include <windows.h>

#define TEST_KEY L"Software\\acs-env-test"

static __attribute__((unused)) void read_mood(const wchar_t *program, wchar_t *mood, DWORD characters) {
  DWORD size = characters * sizeof(wchar_t);
  mood[0] = 0;
  RegGetValueW(HKEY_CURRENT_USER, TEST_KEY, program, RRF_RT_REG_SZ, NULL, mood, &size);
}

static void log_line(const wchar_t *line) {
  char bytes[65536];
  DWORD written;
  int length = WideCharToMultiByte(CP_UTF8, 0, line, -1, bytes, sizeof bytes - 1, NULL, NULL);
  HANDLE file = CreateFileW(L"C:\\doubles.log", FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS,
                            FILE_ATTRIBUTE_NORMAL, NULL);
  if (file == INVALID_HANDLE_VALUE || length < 1) return;
  bytes[length - 1] = '\n';
  WriteFile(file, bytes, length, &written, NULL);
  CloseHandle(file);
}

static __attribute__((unused)) LONG store(const wchar_t *name, const wchar_t *value, DWORD type) {
  DWORD size = (DWORD)((wcslen(value) + 1) * sizeof(wchar_t));
  return RegSetKeyValueW(HKEY_CURRENT_USER, L"Environment", name, type, value, size);
}
