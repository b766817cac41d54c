/* Tells its arguments, each with a unit separator behind it. Programs start it a hundred times faster than Node. */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <windows.h>

int wmain(int argc, wchar_t **argv) {
  static char bytes[65536];
  int index;
  _setmode(_fileno(stdout), _O_BINARY);
  for (index = 1; index < argc; index += 1) {
    WideCharToMultiByte(CP_UTF8, 0, argv[index], -1, bytes, sizeof bytes, NULL, NULL);
    printf("%s\x1f", bytes);
  }
  return 0;
}
