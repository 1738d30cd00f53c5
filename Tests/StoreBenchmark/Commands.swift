import Glibc

/// Runs a shell command and gives what it prints.
///
/// - Parameter isExpectedToSucceed: Whether a status other than 0 is an error.
@discardableResult
func shell(_ command: String, isExpectedToSucceed: Bool = true) throws -> [String] {
    fflush(nil)
    guard let pipe = popen(command, "r") else { throw Problem("cannot run: \(command)") }
    var lines: [String] = []
    while let line = readLine(from: pipe) { lines.append(line) }
    let status = pclose(pipe)
    if isExpectedToSucceed, status != 0 { throw Problem("failed with status \(status): \(command)") }
    return lines
}

/// A line of an open file, without its end.
func readLine(from file: UnsafeMutablePointer<FILE>) -> String? {
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    guard getline(&line, &capacity, file) >= 0, let line else { return nil }
    let text = String(cString: line)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
}

/// A word for the shell.
func quoted(_ text: String) -> String { "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'" }

func makeDirectory(_ path: String) throws { try shell("mkdir -p \(quoted(path))") }

/// Says something that is no figure.
func tell(_ text: String) {
    let line = [UInt8]((text + "\n").utf8)
    _ = Glibc.write(STDERR_FILENO, line, line.count)
}

/// Removes a directory of ours and everything in it.
func removeDirectory(_ path: String) throws { try shell("rm -rf \(quoted(path))") }

/// Writes a small text file.
func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Problem("cannot write \(path)") }
    fputs(text, file)
    fclose(file)
}

/// The text of a small file; nil when there is none.
func text(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var lines: [String] = []
    while let line = readLine(from: file) { lines.append(line) }
    return lines.joined(separator: "\n")
}
