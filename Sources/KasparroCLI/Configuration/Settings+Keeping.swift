import ArgumentParser
import Ingest
import TickerStore

/// How long things are kept, and how much of the disk stays free; for the commands that fill a store.
enum KeepingSettings: SettingFamily {
    static let settings: [any AnySetting] = [
        Settings.retainRows, Settings.retainRaw, Settings.retainQuarantine, Settings.minimumFree,
    ]
}

typealias KeepingOptions = SettingOptions<KeepingSettings>

extension Settings {
    static let retainRows = time(
        "retain-rows",
        help: "How long rows are kept, by their timestamps: 365d, 12h, or forever.",
        StoreOptions().retention.rows
    )
    static let retainRaw = time("retain-raw", help: "How long raw records are kept.", StoreOptions().retention.raw)
    static let retainQuarantine = time(
        "retain-quarantine",
        help: "How long quarantined records are kept.",
        StoreOptions().retention.quarantine
    )

    private static func time(_ name: String, help: String, _ fallback: Int64?) -> Setting<Int64?> {
        Setting(
            name: name,
            help: help,
            valueName: "time",
            fallback: fallback,
            fallbackText: fallback.map { DurationText.text($0) } ?? "forever",
            // Not optional chaining: that would make any text a “for ever”.
            parse: { text in KeepingTime(text).map { $0.milliseconds } },
            expectation: "a number with d, h, m or s is expected, such as 90d, or forever"
        )
    }

    static let minimumFree = Setting<Int?>(
        name: "min-free",
        help: "Space that stays free; with less the store is read-only.",
        valueName: "size",
        fallback: nil,
        fallbackText: "64M or 1 % of the disk",
        fallbackInWords: "64M or 1 % of the disk, whichever is more",
        // What is reckoned with it must not overflow.
        parse: { text in ByteCountText.bytes(text).flatMap { $0 <= 1 << 60 ? .some(.some($0)) : nil } },
        expectation: "a number of bytes is expected, or one with K, M or G, such as 512M, and not more than any disk has"
    )
}

extension Retention {
    init(_ configuration: Configuration) throws(CommandFailure) {
        self.init(
            rows: try Settings.retainRows.resolve(configuration),
            raw: try Settings.retainRaw.resolve(configuration),
            quarantine: try Settings.retainQuarantine.resolve(configuration)
        )
    }
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
