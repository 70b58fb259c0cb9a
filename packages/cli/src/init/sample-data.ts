/** The file that is written where there is nothing to read. */
export const sampleFile = 'weather.ndjson';

/** Its first field, which identifies a document. */
export const sampleKey = '/date';

/** The first days of Seattle's weather in 2012: NOAA, public domain. */
export const sampleLines = `{"date":"2012-01-01","precipitation":0,"temp_max":12.8,"temp_min":5,"wind":4.7,"weather":"drizzle"}
{"date":"2012-01-02","precipitation":10.9,"temp_max":10.6,"temp_min":2.8,"wind":4.5,"weather":"rain"}
{"date":"2012-01-03","precipitation":0.8,"temp_max":11.7,"temp_min":7.2,"wind":2.3,"weather":"rain"}
{"date":"2012-01-04","precipitation":20.3,"temp_max":12.2,"temp_min":5.6,"wind":4.7,"weather":"rain"}
{"date":"2012-01-05","precipitation":1.3,"temp_max":8.9,"temp_min":2.8,"wind":6.1,"weather":"rain"}
`;
