/* Starts a program in the console at hand and presses a key for it whenever the file C:\press is there, which goes away
   then: its one byte is the character of the key. Wine makes a signal of a Ctrl+C that is typed and swallows other such
   keys, where a console of Windows hands all of them to a program in raw mode. Ends as the program does, or with 98 when
   the console has no lines, no echo or no Ctrl+C afterwards: Wine mends its own terminal whatever a program left. */
#include <windows.h>

#define USABLE (ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_PROCESSED_INPUT)

static BOOL WINAPI stay(DWORD event) { return event == CTRL_C_EVENT; }

static HANDLE open_console(void) {
  return CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
                     0, NULL);
}

static void press(unsigned char character) {
  HANDLE console = open_console();
  BOOL has_key = character == VK_RETURN || character == VK_ESCAPE;
  INPUT_RECORD records[2] = {{.EventType = KEY_EVENT}, {.EventType = KEY_EVENT}};
  DWORD index, written;
  for (index = 0; index < 2; index += 1) {
    KEY_EVENT_RECORD *key = &records[index].Event.KeyEvent;
    key->bKeyDown = index == 0;
    key->wRepeatCount = 1;
    key->wVirtualKeyCode = has_key ? character : 'A' - 1 + character;
    key->uChar.UnicodeChar = character;
    key->dwControlKeyState = has_key ? 0 : LEFT_CTRL_PRESSED;
  }
  WriteConsoleInputW(console, records, 2, &written);
  CloseHandle(console);
}

static void press_what_is_asked_for(void) {
  char character;
  DWORD size;
  HANDLE file = CreateFileW(L"C:\\press", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE, NULL);
  if (file == INVALID_HANDLE_VALUE) return;
  if (ReadFile(file, &character, 1, &size, NULL) && size == 1) press(character);
  CloseHandle(file);
}

int wmain(void) {
  /* What stands behind our own name, which is quoted or has no space. */
  wchar_t *command = GetCommandLineW(), stop = *command == L'"' ? L'"' : L' ';
  STARTUPINFOW startup = {.cb = sizeof startup};
  PROCESS_INFORMATION process;
  HANDLE console = open_console();
  DWORD code = 1, mode;
  command = wcschr(command + 1, stop) + 1;
  while (*command == L' ') command += 1;
  SetConsoleCtrlHandler(stay, TRUE);
  if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) return 99;
  while (WaitForSingleObject(process.hProcess, 20) == WAIT_TIMEOUT) press_what_is_asked_for();
  GetExitCodeProcess(process.hProcess, &code);
  /* Not more of the mode: Node sets these three and no other. */
  return GetConsoleMode(console, &mode) && (mode & USABLE) == USABLE ? (int)code : 98;
}
