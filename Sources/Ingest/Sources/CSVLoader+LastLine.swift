import MarketData
import TickerStore

extension CSVLoader {
    /// What to do with a last line that has no end (spec section 2).
    mutating func judgeLastLine(_ file: InboxFile, _ table: CSVTable, _ end: FileEnd) throws -> LastLine {
        if firstLook == nil, !hasStoodStill {
            if file.status.size <= Self.smallFile { return .lookAgain }
            run.environment.pause(milliseconds: 1_000) { run.mustStop }
        }
        let before = firstLook ?? file.status
        let now = try file.file.status()
        guard now.size == before.size, now.modified == before.modified else { return .wait }
        if end == .openLine, !file.isCompressed, mayEndInHalfATime(table) { return .wait }
        return hasStoodStill || end == .openLine && isWhole(table) ? .take : .wait
    }

    /// Whether the last line may end in the middle of its timestamp, which then would be another one: a row of a midnight that nobody has written.
    /// One that is shorter than any before it is not believed however long the file has stood still.
    private mutating func mayEndInHalfATime(_ table: CSVTable) -> Bool {
        guard table.isRegular, table.endsWithTimestamp, isWhole(table) else { return false }
        if let shortestTime { return draft.timestampBytes < shortestTime }
        return !hasStoodStill && table.endsWithDate
    }

    /// Whether the record would become a row, as far as its columns allow.
    private mutating func isWhole(_ table: CSVTable) -> Bool {
        guard table.isRegular else { return false }
        guard table.mapping.missing.isEmpty else { return true }
        table.fill(&draft)
        return draft.finish()
    }
}
