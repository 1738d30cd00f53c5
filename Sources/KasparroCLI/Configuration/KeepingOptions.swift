import ArgumentParser
import Ingest
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
    func apply(to options: inout StoreOptions, _ configuration: Configuration) throws {
        options.retention.rows = try Settings.retainRows.resolve(retainRows, configuration)
        options.retention.raw = try Settings.retainRaw.resolve(retainRaw, configuration)
        options.retention.quarantine = try Settings.retainQuarantine.resolve(retainQuarantine, configuration)
        options.minimumFree = try Settings.minimumFree.resolve(minFree, configuration)
    }
}

extension Settings {
    static let retainRows = time("--retain-rows", "KASPARRO_RETAIN_ROWS", StoreOptions().retention.rows)
    static let retainRaw = time("--retain-raw", "KASPARRO_RETAIN_RAW", StoreOptions().retention.raw)
    static let retainQuarantine = time("--retain-quarantine", "KASPARRO_RETAIN_QUARANTINE", StoreOptions().retention.quarantine)

    private static func time(_ option: String, _ variable: String, _ fallback: Int64?) -> Setting<Int64?> {
        Setting(
            option: option,
            variable: variable,
            fallback: fallback,
            fallbackText: fallback.map { DurationText.text($0) } ?? "forever",
            // Not optional chaining: that would make any text a “for ever”.
            parse: { text in KeepingTime(text).map { $0.milliseconds } },
            expectation: "a number with d, h, m or s is expected, such as 90d, or forever"
        )
    }

    static let minimumFree = Setting<Int?>(
        option: "--min-free",
        variable: "KASPARRO_MIN_FREE",
        fallback: nil,
        fallbackText: "64M or 1 % of the disk",
        parse: { text in ByteCountText.bytes(text).map { .some($0) } },
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
        guard let time = DurationText.milliseconds(text) else { return nil }
        milliseconds = time
    }
}
