import Glibc
import MarketData
import TickerStore

/// The store with many rows: built once, used again as long as the same numbers are asked for.
struct BigStore {
    let path: String
    let rows: Int
    let series: Int
    private let directory: String

    init(_ settings: Settings) throws {
        directory = settings.directory
        path = directory + "/large"
        rows = settings.rows
        series = settings.series
        let parameters = "layout 1, \(rows) rows, \(series) series"
        if text(of: directory + "/large.made") == parameters { return }
        try removeDirectory(path)
        try build()
        try write(parameters + "\n", to: directory + "/large.made")
    }

    private func build() throws {
        tell("# building a store of \(rows) rows in \(path)")
        let store = try Store(path: path)
        var history = History(series: series)
        let time = try seconds {
            var left = rows
            while left > 0 {
                let count = min(left, 5_000)
                store.submit(history.batch(count)) { if case .failure(let error) = $0 { tell("store-benchmark: \(error.message)") } }
                left -= count
            }
            try store.seal()
        }
        let settling = settle()
        tell("# built in \(Int(time)) s, merging went on for \(Int(settling)) s; \(store.statistics.segments) segments")
        guard store.snapshot().counts.rows == rows else { throw Problem("the store has \(store.snapshot().counts.rows) rows, not \(rows)") }
        try store.close()
    }

    /// Waits until nothing is merged any more; gives the seconds it took.
    private func settle() -> Double {
        seconds {
            var used = processorSeconds()
            while true {
                sleep(2)
                let now = processorSeconds()
                if now - used < 0.1 { return }
                used = now
            }
        }
    }

    /// Opens it, with nothing in the cache of blocks.
    func open() throws -> Store { try Store(path: path) }

    /// Bytes of the files of the sealed rows with this ending.
    func bytes(ending: String) throws -> Int {
        Int(try shell("cat \(quoted(path))/segments/tickers/*\(ending) | wc -c").first ?? "") ?? 0
    }

    /// A symbol and what its coin's series is, of every `step`-th series in their order: so far apart that no two share a block.
    func symbols(every step: Int) -> [[UInt8]] {
        let keys = History(series: series).coins.map(\.key).sorted()
        return stride(from: 0, to: keys.count, by: step).map { keys[$0].symbol }
    }

    /// A copy to spoil, which shares the sealed files.
    func copy(to name: String) throws -> String {
        let target = directory + "/" + name
        try removeDirectory(target)
        let store = try open()
        _ = try store.backup(to: target, copy: false, extras: [])
        try store.close()
        return target
    }
}
