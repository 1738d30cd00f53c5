import MarketData
import TickerStore

@testable import Ingest

extension Workbench {
    /// Makes one `csv` source over the inbox the only source.
    func declare(_ name: String = "csv", _ change: (inout CSVSource) -> Void) throws {
        var source = CSVSource(inbox: path + "/inbox")
        change(&source)
        sources = [SourceDefinition(name: name, kind: .csv(source))]
        try restart()
    }
}

extension Workbench {
    /// A value of the state that the store had when it was opened.
    func stored(_ key: String) -> [UInt8]? { store.openingState.first { $0.key == key }?.value }
}
