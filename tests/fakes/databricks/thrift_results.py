"""Arrow tables as Thrift results: a schema in Hive's words, rows as Arrow batches."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from databricks.sql.thrift_api.TCLIService import ttypes

SUCCESS = ttypes.TStatus(statusCode=ttypes.TStatusCode.SUCCESS_STATUS)
T = ttypes.TTypeId
TYPES: list[tuple[Any, int]] = [
    (pa.types.is_boolean, T.BOOLEAN_TYPE),
    (pa.types.is_int8, T.TINYINT_TYPE),
    (pa.types.is_int16, T.SMALLINT_TYPE),
    (pa.types.is_int32, T.INT_TYPE),
    (pa.types.is_integer, T.BIGINT_TYPE),
    (pa.types.is_float32, T.FLOAT_TYPE),
    (pa.types.is_floating, T.DOUBLE_TYPE),
    (pa.types.is_decimal, T.DECIMAL_TYPE),
    (pa.types.is_date, T.DATE_TYPE),
    (pa.types.is_timestamp, T.TIMESTAMP_TYPE),
    (pa.types.is_binary, T.BINARY_TYPE),
    (pa.types.is_map, T.MAP_TYPE),
    (pa.types.is_struct, T.STRUCT_TYPE),
    (pa.types.is_list, T.ARRAY_TYPE),
    (pa.types.is_null, T.NULL_TYPE),
]
MODIFIED = "num_affected_rows"


def metadata(rows: pa.Table) -> Any:
    """The columns of a result."""
    columns = [
        ttypes.TColumnDesc(columnName=f.name, typeDesc=_type(f.type), position=place + 1)
        for place, f in enumerate(rows.schema)
    ]
    return ttypes.TGetResultSetMetadataResp(
        status=SUCCESS,
        schema=ttypes.TTableSchema(columns=columns),
        resultFormat=ttypes.TSparkRowSetType.ARROW_BASED_SET,
        lz4Compressed=False,
        arrowSchema=rows.schema.serialize().to_pybytes(),
        isStagingOperation=False,
    )


def _type(type_: pa.DataType) -> Any:
    found = next((id_ for is_it, id_ in TYPES if is_it(type_)), T.STRING_TYPE)
    entry = ttypes.TPrimitiveTypeEntry(type=found)
    if found == T.DECIMAL_TYPE:
        digits = {"precision": type_.precision, "scale": type_.scale}
        values = {name: ttypes.TTypeQualifierValue(i32Value=number) for name, number in digits.items()}
        entry.typeQualifiers = ttypes.TTypeQualifiers(qualifiers=values)
    return ttypes.TTypeDesc(types=[ttypes.TTypeEntry(primitiveEntry=entry)])


def fetched(rows: pa.Table, start: int, count: int) -> tuple[Any, int]:
    """The next rows of a result, and where the ones after them start."""
    part = rows.slice(start, max(count, 1)).combine_chunks()
    batches = [
        ttypes.TSparkArrowBatch(batch=b.serialize().to_pybytes(), rowCount=b.num_rows) for b in part.to_batches()
    ]
    end = start + part.num_rows
    response = ttypes.TFetchResultsResp(
        status=SUCCESS,
        hasMoreRows=end < rows.num_rows,
        results=ttypes.TRowSet(startRowOffset=start, rows=[], arrowBatches=batches),
        resultSetMetadata=metadata(rows),
    )
    return response, end


def modified_rows(rows: pa.Table) -> int | None:
    """The number of rows a DML statement changed."""
    return rows.column(0)[0].as_py() if rows.column_names[:1] == [MODIFIED] and rows.num_rows == 1 else None
