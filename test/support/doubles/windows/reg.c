/* Stands before reg.exe, which is reg-itself.exe then: refuses "import" in the mood "denied", and "export" in the mood
   "unreadable". Logs the verb. */
#include "double.h"

int wmain(int argc, wchar_t **argv) {
  wchar_t mood[32], line[64];
  static wchar_t command[32768];
  STARTUPINFOW startup = {sizeof startup};
  PROCESS_INFORMATION process;
  DWORD code = 1;
  const wchar_t *verb = argc > 1 ? argv[1] : L"", *rest;
  swprintf(line, 64, L"reg %ls", verb);
  log_line(line);
  read_mood(L"reg", mood, 32);
  if ((!wcscmp(mood, L"denied") && (!wcscmp(verb, L"import") || !wcscmp(verb, L"delete"))) ||
      (!wcscmp(mood, L"unreadable") && !wcscmp(verb, L"export"))) {
    fputs("ERROR: Access is denied.\r\n", stderr);
    return 1;
  }
  rest = wcsstr(GetCommandLineW(), verb);
  swprintf(command, 32768, L"reg-itself.exe %ls", rest);
  if (!CreateProcessW(L"C:\\windows\\system32\\reg-itself.exe", command, NULL, NULL, TRUE, 0, NULL, NULL, &startup,
                      &process))
    return 2;
  WaitForSingleObject(process.hProcess, INFINITE);
  GetExitCodeProcess(process.hProcess, &code);
  return (int)code;
}
