/// The lowest lines of a terminal, written again and again in place. What it needs of the terminal is `ESC [ n A` and `ESC [ J`; nothing is switched
/// on that somebody would have to switch off, so a process that dies leaves the terminal as it was.
struct ScreenFrame {
    private var lines: [String] = []
    /// When they were written.
    private var columns = 0

    /// What to write so that the terminal shows these lines in the place of those before; the cursor is below them then.
    mutating func replace(with lines: [String], columns: Int) -> String {
        defer {
            self.lines = lines
            self.columns = columns
        }
        return erase(columns: columns) + lines.map { $0 + "\n" }.joined()
    }

    /// What to write so that a text stands above the lines.
    func put(_ text: String, columns: Int) -> String { erase(columns: columns) + text + lines.map { $0 + "\n" }.joined() }

    private func erase(columns: Int) -> String {
        // In a terminal that has become narrower lines may have been broken, or not: better an old line too many than one of somebody else gone.
        guard !lines.isEmpty, columns >= self.columns else { return "" }
        return "\u{1B}[\(lines.count)A\r\u{1B}[J"
    }
}
