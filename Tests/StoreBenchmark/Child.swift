import Glibc
import MarketData
import TickerStore

/// What has to be measured in a process of its own: this program again, with other arguments.
enum Child {
    static let marker = "--child"

    /// Runs the program again; gives the numbers that it prints, by name.
    static func start(_ arguments: String..., isExpectedToSucceed: Bool = true) throws -> [String: Double] {
        let words = [marker] + arguments
        let command = try shell("readlink -f /proc/\(getpid())/exe")[0]
        var values: [String: Double] = [:]
        // Without a shell in between that has something to say when the program is killed.
        for line in try shell("exec \(quoted(command)) \(words.map(quoted).joined(separator: " "))", isExpectedToSucceed: isExpectedToSucceed) {
            let parts = line.split(separator: " ")
            if parts.count == 2 { values[String(parts[0])] = Double(parts[1]) }
        }
        return values
    }

    static func run(_ arguments: [String]) throws {
        guard arguments.count == 2 else { throw Problem(Settings.usage) }
        switch arguments[0] {
        case "open": try open(arguments[1])
        case "hold": try hold(arguments[1])
        case "fill": try fill(arguments[1])
        default: throw Problem(Settings.usage)
        }
    }

    private static func tell(_ name: String, _ value: Double) {
        print(name, value)
        fflush(nil)
    }

    /// Opens a store and reads its newest row.
    private static func open(_ path: String) throws {
        var query = RowQuery()
        query.limit = 1
        var store: Store?
        let opening = try seconds { store = try Store(path: path) }
        let reading = try seconds {
            guard try store!.snapshot().page(query).rowCount == 1 else { throw Problem("\(path) is empty") }
        }
        tell("opening", opening)
        tell("start", opening + reading)
        tell("rows", Double(store!.snapshot().counts.rows))
        try store!.close()
    }

    /// Opens a store, reads many pages, and tells what memory each takes.
    private static func hold(_ path: String) throws {
        let before = anonymousMemory()
        let store = try Store(path: path)
        let snapshot = store.snapshot()
        tell("opened", Double(anonymousMemory() - before))
        var query = RowQuery()
        query.limit = 1_000
        for _ in 0..<2_000 {
            let page = try snapshot.page(query)
            query.after = page.last
            if !page.hasMore { break }
        }
        tell("walked", Double(anonymousMemory()))
        var latest = RowQuery()
        latest.limit = 1_000
        _ = try snapshot.latest(latest)
        tell("held", Double(anonymousMemory()))
        try store.close()
    }

    /// Fills the open log file nearly to its end without sealing anything, and dies.
    private static func fill(_ path: String) throws {
        var options = StoreOptions()
        options.sealRows = .max
        let store = try Store(path: path, options: options)
        var history = History(series: 3_000, start: 1_800_000_000_000)
        var bytes = 0
        var rows = 0
        while true {
            let batch = history.batch(1_000)
            // Heads, columns and series of the records, a little too many.
            let need = batch.byteCount + 20 * batch.rows.count + 40 * batch.series.count + 8_192
            if bytes + need > 64 << 20 { break }
            _ = try store.commit(batch)
            bytes += need
            rows += batch.rows.count
        }
        guard store.statistics.walFiles == 1 else { throw Problem("the log went on in a second file") }
        tell("rows", Double(rows))
        kill(getpid(), SIGKILL)
        // The signal may take a moment.
        while true { pause() }
    }
}
