/* A double of the Python of the Azure CLI: tells how it was called, and answers with the file for that question. */
#include "double.h"

static const wchar_t *file_for(const wchar_t *line) {
  if (wcsstr(line, L"listKeys")) return L"C:\\azure\\key.json";
  return wcsstr(line, L"account list") ? L"C:\\azure\\accounts.json" : L"C:\\azure\\resources.json";
}

int wmain(int argc, wchar_t **argv) {
  static wchar_t line[4096];
  static char bytes[65536];
  size_t length;
  FILE *file;
  for (int index = 1; index < argc; index += 1) {
    if (index > 1) wcscat(line, L" ");
    wcsncat(line, argv[index], 512);
  }
  log_line(line);
  file = _wfopen(file_for(line), L"rb");
  if (!file) return 1;
  length = fread(bytes, 1, sizeof bytes, file);
  fwrite(bytes, 1, length, stdout);
  return 0;
}
