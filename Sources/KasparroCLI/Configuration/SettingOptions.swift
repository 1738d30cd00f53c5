import ArgumentParser

/// Settings that are options of the same commands.
protocol SettingFamily {
    static var settings: [any AnySetting] { get }
}

/// The options of a family of settings.
///
/// The parser asks the mirror of a new value which options there are, and decodes what was typed under the names that stand there. Usually both are
/// made of stored properties; here they are made of the table, so that a setting is written down once.
struct SettingOptions<Family: SettingFamily>: ParsableArguments, CustomReflectable {
    /// What was typed, by the settings' keys.
    private(set) var given: [String: String] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let options = try decoder.container(keyedBy: SettingKey.self)
        for setting in Family.settings { given[setting.key] = try setting.typed(in: options) }
    }

    var customMirror: Mirror { Mirror(self, children: Family.settings.map { (label: $0.key, value: $0.argument) as Mirror.Child }) }
}

/// A setting's key as the parser knows it.
struct SettingKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
