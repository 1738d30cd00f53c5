import Foundation

/// What the environment asks of the tests that could go on for ever. Without a word: a short round, the same each time.
enum LongRound {
    /// `KASPARRO_SEED`; 1 without it.
    static let seed = number("KASPARRO_SEED").map(UInt64.init) ?? 1
    /// `KASPARRO_SIMULATOR_SECONDS`: how long the simulator runs.
    static let seconds = number("KASPARRO_SIMULATOR_SECONDS")
    /// `KASPARRO_EVERY_OPERATION=1`: power goes at each operation, not at some of them.
    static let looksAtEveryOperation = number("KASPARRO_EVERY_OPERATION") == 1

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }
}
