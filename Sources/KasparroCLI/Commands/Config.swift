import ArgumentParser
import Ingest
import MarketData

/// `kasparro config`: the configuration that is built in, or the one that a start would have.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the built-in configuration file, or each value that a start would have and where it comes from.",
        discussion: """
              kasparro config --default > kasparro.conf
              kasparro config --effective --config kasparro.conf
            """
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var keeping: KeepingOptions
    @OptionGroup var serving: ServingOptions
    @OptionGroup var access: AccessOptions

    @Flag(name: .customLong("default"), help: "Print the built-in configuration, a file to start from.")
    var isDefault = false

    @Flag(name: .long, help: "Print each value and where it comes from. Secrets are not shown, only where they are.")
    var effective = false

    @Flag(name: .long, help: "Print a JSON object.")
    var json = false

    func validate() throws {
        guard isDefault != effective else { throw ValidationError("one of --default and --effective is expected") }
    }

    func run() throws {
        if isDefault {
            print(
                json ? jsonText { $0.rawMember("configuration", Array(BuiltInSources.configuration.root.json)) } : BuiltInSources.text,
                terminator: json ? "\n" : ""
            )
            return
        }
        let values = try Configuration(common.given, keeping.given, serving.given, access.given).effectiveValues()
        if json {
            print(
                jsonText { writer in
                    writer.array("values", values) { writer, value in
                        writer.beginObject()
                        writer.member("name", value.path)
                        writer.rawMember("value", value.json)
                        writer.member("origin", value.origin)
                        writer.endObject()
                    }
                }
            )
        } else {
            let width = values.map(\.path.count).max() ?? 0
            for value in values {
                let name = value.path + String(repeating: " ", count: width - value.path.count)
                print("\(name)  \(value.text)  (\(value.origin))")
            }
        }
    }
}
