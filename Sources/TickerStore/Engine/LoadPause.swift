/// Whether work beside the commits waits because a load goes on: sealing would take the processor from those who prepare the next batches, and
/// the log keeps the rows as safe.
struct LoadPause {
    /// A batch that wrote so many rows is part of a load.
    private static let rowsOfLoad = 500
    /// A load goes on until no such batch has come for so long.
    static let gapMilliseconds: Int64 = 100
    /// A load that takes longer is not waited for: what is due must not wait for ever.
    private static let longestMilliseconds: Int64 = 30_000

    private var began: Int64 = 0
    private var last: Int64?

    /// A batch was stored.
    ///
    /// - Parameter rows: inserted and updated.
    mutating func note(rows: Int, at now: Int64) {
        guard rows >= Self.rowsOfLoad else { return }
        if !isLoading(at: now) { began = now }
        last = now
    }

    func isOn(at now: Int64) -> Bool { isLoading(at: now) && now - began < Self.longestMilliseconds }

    /// A clock that was set back ends it.
    private func isLoading(at now: Int64) -> Bool { last.map { (0..<Self.gapMilliseconds).contains(now - $0) } ?? false }
}
