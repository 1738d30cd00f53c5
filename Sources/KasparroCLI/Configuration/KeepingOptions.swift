import ArgumentParser
import TickerStore

/// How long things are kept, and how much of the disk stays free; for the commands that fill a store.
struct KeepingOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("How long rows are kept, by their timestamps: 365d, 12h, or forever. (default: forever)", valueName: "time")
    )
    var retainRows: String?

    @Option(name: .long, help: ArgumentHelp("How long raw records are kept. (default: 90d)", valueName: "time"))
    var retainRaw: String?

    @Option(name: .long, help: ArgumentHelp("How long quarantined records are kept. (default: 90d)", valueName: "time"))
    var retainQuarantine: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Space that stays free; with less the store is read-only. (default: 64M or 1 % of the disk, whichever is more)",
            valueName: "size"
        )
    )
    var minFree: String?

    /// Puts the settings into the options that a store is opened with.
    func apply(to options: inout StoreOptions, environment: [String: String]) throws {
        options.retention.rows = try Self.time("--retain-rows", "KASPARRO_RETAIN_ROWS", nil).resolve(retainRows, environment)
        options.retention.raw = try Self.time("--retain-raw", "KASPARRO_RETAIN_RAW", options.retention.raw).resolve(retainRaw, environment)
        options.retention.quarantine = try Self.time("--retain-quarantine", "KASPARRO_RETAIN_QUARANTINE", options.retention.quarantine)
            .resolve(retainQuarantine, environment)
        options.minimumFree = try Self.minimumFree.resolve(minFree, environment)
    }

    private static func time(_ option: String, _ variable: String, _ fallback: Int64?) -> Setting<Int64?> {
        Setting(
            option: option,
            variable: variable,
            fallback: fallback,
            // Not optional chaining: that would make any text a “for ever”.
            parse: { text in KeepingTime(text).map { $0.milliseconds } },
            expectation: "a number with d, h, m or s is expected, such as 90d, or forever"
        )
    }

    private static let minimumFree = Setting<Int?>(
        option: "--min-free",
        variable: "KASPARRO_MIN_FREE",
        fallback: nil,
        parse: { text in byteCount(text).map { .some($0) } },
        expectation: "a number of bytes is expected, or one with K, M or G, such as 512M"
    )
}

/// A length of time as it is written in an option.
struct KeepingTime: Equatable {
    /// nil: for ever.
    let milliseconds: Int64?

    init?(_ text: String) {
        if text == "forever" {
            milliseconds = nil
            return
        }
        let units: [Character: Int64] = ["d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000]
        guard let last = text.last, let unit = units[last], let number = Int64(text.dropLast()), number > 0 else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        if overflow { return nil }
        milliseconds = product
    }
}

/// A number of bytes, with `K`, `M`, `G` or `T` for the powers of 1,024; nil when the text is none.
func byteCount(_ text: String) -> Int? {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
    let unit = text.last.flatMap { units[Character($0.uppercased())] }
    guard let number = Int(unit == nil ? text[...] : text.dropLast()), number >= 0 else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
    return overflow ? nil : product
}
