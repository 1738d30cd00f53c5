import MarketData
import TestSupport

/// The parts of a dashboard that the rules look at, so that a test can change one and see the rule fail.
struct GrafanaDashboard {
    struct Variable {
        var name: String
        var label: String
        var type: String
        var query: String
        var datasource: String?
        var isMulti: Bool
        var allValue: String?
        var refresh: Int64?
    }

    struct Target {
        var refID: String
        var expression: String
        var legend: String
        var datasource: String?
    }

    struct Place {
        var x: Int64
        var y: Int64
        var width: Int64
        var height: Int64
    }

    struct Panel {
        var id: Int64
        var type: String
        var title: String
        var description: String
        var datasource: String?
        var place: Place
        var unit: String
        var targets: [Target]
        /// What the legend makes of each line.
        var legendFigures: [String] = []
    }

    var title: String
    var uid: String
    var idIsNull: Bool
    var schemaVersion: Int64
    var isEditable: Bool?
    var hasInputs: Bool
    var refresh: String
    var variables: [Variable]
    var panels: [Panel]
    /// Of annotations.
    var annotations: [String]

    /// The one in the binary's sources.
    static let own: GrafanaDashboard = {
        let bytes = Recordings.read(MonitoringFiles.directory + "kasparro-dashboard.json")
        guard let document = try? JSONDocument(parsing: bytes) else { fatalError("the dashboard is no JSON") }
        return GrafanaDashboard(document.root)
    }()

    init(_ root: JSONValue) {
        title = root["title"]?.string ?? ""
        uid = root["uid"]?.string ?? ""
        idIsNull = root["id"]?.isNull ?? true
        schemaVersion = root["schemaVersion"]?.integer ?? 0
        isEditable = root["editable"]?.boolValue
        hasInputs = root["__inputs"] != nil || root["dashboard"] != nil
        refresh = root["refresh"]?.string ?? ""
        variables = root.pointer("/templating/list")?.elements.map(Self.variable) ?? []
        panels = root["panels"]?.elements.map(Self.panel) ?? []
        annotations = root.pointer("/annotations/list")?.elements.compactMap { $0["expr"]?.string } ?? []
    }

    /// Those that show something.
    var figures: [Panel] { panels.filter { $0.type != "row" } }

    /// What they ask, with the panel's title.
    var expressions: [(place: String, text: String)] {
        panels.flatMap { panel in panel.targets.map { (panel.title, $0.expression) } } + annotations.map { ("an annotation", $0) }
    }

    private static func uid(_ value: JSONValue?) -> String? { value?["uid"]?.string ?? value?.string }

    private static func variable(_ value: JSONValue) -> Variable {
        Variable(
            name: value["name"]?.string ?? "",
            label: value["label"]?.string ?? "",
            type: value["type"]?.string ?? "",
            query: value["query"]?.string ?? value.pointer("/query/query")?.string ?? "",
            datasource: uid(value["datasource"]),
            isMulti: value["multi"]?.boolValue ?? false,
            allValue: value["allValue"]?.string,
            refresh: value["refresh"]?.integer
        )
    }

    private static func panel(_ value: JSONValue) -> Panel {
        func place(_ name: String) -> Int64 { value.pointer("/gridPos/" + name)?.integer ?? -1 }
        return Panel(
            id: value["id"]?.integer ?? -1,
            type: value["type"]?.string ?? "",
            title: value["title"]?.string ?? "",
            description: value["description"]?.string ?? "",
            datasource: uid(value["datasource"]),
            place: Place(x: place("x"), y: place("y"), width: place("w"), height: place("h")),
            unit: value.pointer("/fieldConfig/defaults/unit")?.string ?? "",
            targets: value["targets"]?.elements.map {
                Target(
                    refID: $0["refId"]?.string ?? "",
                    expression: $0["expr"]?.string ?? "",
                    legend: $0["legendFormat"]?.string ?? "",
                    datasource: uid($0["datasource"])
                )
            } ?? [],
            legendFigures: value.pointer("/options/legend/calcs")?.elements.compactMap(\.string) ?? []
        )
    }
}
