package import MarketData

extension Snapshot {
    /// The newest rows of one series, newest first; none, without a look at any file, when there never was one.
    ///
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func newest(_ limit: Int, of key: SeriesKey) throws(StoreError) -> RowPage {
        guard let number = series.number(of: key) else { return RowPage() }
        return try page(ScanFilter(onlyOf: number), limit: limit)
    }
}
